"""The thinking: lexemes, fusion, packing, and the pipeline that joins them."""
