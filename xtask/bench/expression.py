"""Times expressions of cog-expression, numexpr and NumPy over the same arrays, in turns; prints a table.

    python expression.py EXPRESSION_SPEED FOLDER SIDE ROUNDS
"""

import os
import pathlib
import subprocess
import sys
import time

import numexpr
import numpy as np

TYPES = ["uint8", "uint16", "float32"]
EXPRESSIONS = [
    ("NDVI", "(b2-b1)/(b2+b1)", lambda a, b: (b - a) / (b + a)),
    ("NDVI where there is enough light", "where(b1>100, (b2-b1)/(b2+b1), 0)", lambda a, b: np.where(a > 100, (b - a) / (b + a), 0)),
    ("EVI2", "2.5*(b2*0.0001-b1*0.0001)/(b2*0.0001+2.4*b1*0.0001+1)",
     lambda a, b: 2.5 * (b * 0.0001 - a * 0.0001) / (b * 0.0001 + 2.4 * a * 0.0001 + 1)),
    ("distance", "sqrt(b1**2+b2**2)", lambda a, b: np.sqrt(a**2 + b**2)),
]


class Ours:
    """The program that evaluates with cog-expression: it keeps its source between expressions."""

    def __init__(self, program):
        self.program = subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def ask(self, *words):
        self.program.stdin.write("\t".join(map(str, words)) + "\n")
        self.program.stdin.flush()
        answer = self.program.stdout.readline().strip()
        if not answer:
            raise SystemExit(f"{self.program.args[0]} failed")
        return answer

    def close(self):
        self.program.stdin.close()
        self.program.wait()


def timed(make):
    start = time.perf_counter()
    made = make()
    seconds = time.perf_counter() - start
    del made
    return seconds


def main():
    program, folder, side, rounds = sys.argv[1], pathlib.Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
    numexpr.set_num_threads(1)
    ours = Ours(program)
    noise = np.random.default_rng(1)
    print(f"numexpr {numexpr.__version__}, NumPy {np.__version__}; {os.cpu_count()} processors, of which {os.getloadavg()[0]:.1f} were busy with other things before\n")
    print("| expression | bands | cog-expression, ms | numexpr, ms | ÷ numexpr | NumPy, ms | ÷ NumPy | alike |")
    print("|---|---|--:|--:|--:|--:|--:|--:|")
    for dtype in TYPES:
        bands = noise.integers(1, 255 if dtype == "uint8" else 10000, (2, side, side)).astype(dtype)
        source, out = folder / "bands.raw", folder / "out.raw"
        bands.tofile(source)
        ours.ask("source", source, dtype, 2, side, side)
        names = {"b1": bands[0], "b2": bands[1]}
        # Types that do not wrap around, as numexpr has them.
        plain = bands.astype(np.int32) if bands.dtype.kind == "u" else bands
        for name, text, of in EXPRESSIONS:
            best = [float("inf")] * 3
            for _ in range(rounds):
                best[0] = min(best[0], float(ours.ask("evaluate", text, 1, "-")))
                best[1] = min(best[1], timed(lambda: numexpr.evaluate(text, local_dict=names)))
                with np.errstate(all="ignore"):
                    best[2] = min(best[2], timed(lambda: of(*plain)))
            ours.ask("evaluate", text, 1, out)
            rows = side // 8
            expected = of(*bands[:, :rows].astype(np.float64)).astype(np.float32)
            found = np.fromfile(out, "<f4", rows * side).reshape(rows, side)
            alike = 100 * np.isclose(found, expected, rtol=2e-7, atol=0).mean()
            mine, theirs, plainly = (1000 * seconds for seconds in best)
            print(f"| {name} | {dtype} | {mine:.1f} | {theirs:.1f} | {theirs / mine:.2f} | {plainly:.1f} | {plainly / mine:.2f} | {alike:.2f} % |")
        source.unlink()
        out.unlink()
    ours.close()


main()
