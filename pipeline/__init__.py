"""Everything between a file and its summary JSON.

The way of a report: read -> locate tables -> structure -> segments -> domains/activities -> metrics -> tables ->
checks -> summary. One direction; character offsets (code points) into paragraph text are the only coordinates.
"""
