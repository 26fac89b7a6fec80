"""Daily and monthly sums for the console's figures: a copy that is never in doubt.

Every number of the page is a sum over days. Those of past days are kept (keeping.py);
a day without kept sums, or of which anything changed since, is counted anew from its
rows while the page is made (reading.py). Both go through facts.py, so that they agree.
"""
