"""Weak supervision: functions vote on sentences, a label model weighs the votes, a training set comes out."""
