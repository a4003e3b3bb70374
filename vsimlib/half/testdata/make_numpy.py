"""Makes numpy.json: float32 numbers, as hexadecimal bits, with what numpy rounds them to in float16. Run: python make_numpy.py"""
import json, pathlib
import numpy as np

g = np.random.default_rng(3)
bits = np.concatenate([
    g.integers(0, 2**32, size=300, dtype=np.uint64),                                        # anything
    (g.normal(size=300) * .06).astype(np.float32).view(np.uint32),                          # embeddings
    (g.normal(size=100) * 2.0 ** g.integers(-27, -12, size=100)).astype(np.float32).view(np.uint32),  # subnormal halves
    np.array([0, 65504, 65519.996, 65520, 65536, 2**-24, 2**-25, 2**-25 * 1.0000001, 2**-14, 2049, 2051, np.inf, .1], np.float32).view(np.uint32),
]).astype(np.uint32)
bits = np.concatenate([bits, bits ^ np.uint32(1 << 31)])
with np.errstate(over="ignore"):
    half = bits.view(np.float32).astype(np.float16)
rows = [[f"{b:08x}", f"{h:04x}"] for b, h, f in zip(bits, half.view(np.uint16), half) if not np.isnan(f)]
pathlib.Path(__file__).with_name("numpy.json").write_text(json.dumps({"numpy": np.__version__, "rows": rows}))
