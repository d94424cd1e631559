"""The bundled embedding model, multilingual-e5-small in four bits, run by onnxruntime."""
