"""How good a pipeline is: scores on a corpus's splits and on gold files, tables, plots and one page to read."""
