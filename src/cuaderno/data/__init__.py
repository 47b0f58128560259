"""The data doctor: read a data set whatever its format, say what is wrong with it, and clean it without losing a row.

Read in this order: table (rows in memory), formats (files to rows and back), recipe (the steps by name), then one
module per thing that can be wrong: characters, private, language, duplicates, splits, labels, outliers, pictures.
"""
