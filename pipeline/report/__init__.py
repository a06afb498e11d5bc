"""The HTML report on an output set: overview, plots, a table of all reports, and a page for each."""
