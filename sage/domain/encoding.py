"""The one encoding of texts that are read as lines."""

TO_UTF8 = "save it as UTF-8 text; from GBK: iconv -f GBK -t UTF-8 FILE"
"""What to do with a file that is not UTF-8."""
