"""A program as a WebAssembly module, and the engine that runs such modules: theirs and ours alike."""
