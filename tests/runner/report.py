# SPDX-License-Identifier: Apache-2.0
"""What a runner prints of its tests: the failed ones as they come, at the end why others were
skipped, and the line of counts that scripts/test adds up."""


class Report:
    def __init__(self, verbose):
        self.verbose = verbose
        self.count = {"PASS": 0, "UPDATED": 0, "FAIL": 0, "SKIP": 0}
        self.reasons = {}

    def add(self, name, word, detail, seconds):
        """Counts a test that has ended, and prints what a person wants to see of it."""
        self.count[word] += 1
        if word == "SKIP":
            self.reasons.setdefault(detail, []).append(name)
        if self.verbose or word in ("FAIL", "UPDATED"):
            print(f"{word} {name} ({seconds:.2f} s)", flush=True)
        if word == "FAIL":
            print("".join(f"    {line}\n" for line in detail.splitlines()), flush=True)

    def close(self):
        """Prints the rest; the exit status."""
        for reason, names in self.reasons.items():
            print(f"SKIP {len(names)}: {reason}: {', '.join(names[:4])}{', …' * (len(names) > 4)}")
        print(f"{self.count['PASS'] + self.count['UPDATED']} passed, {self.count['FAIL']} failed, "
              f"{self.count['SKIP']} skipped")
        return 1 if self.count["FAIL"] else 0
