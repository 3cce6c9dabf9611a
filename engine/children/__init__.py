"""Children: the networks that a rule trains, whose validation accuracy is its reward. Importing this needs no torch."""
