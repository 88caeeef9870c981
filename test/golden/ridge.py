"""Writes ridge.json: what scikit-learn's Ridge, RidgeCV and TfidfVectorizer find, and numpy's GCV errors.
Run with scikit-learn 1.9: python test/golden/ridge.py"""

import json
from pathlib import Path

import numpy as np
import sklearn
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import Ridge, RidgeCV
from sklearn.preprocessing import StandardScaler

PENALTIES = [0.1, 1.0, 10.0, 100.0, 1000.0]
# words of one letter, marks within words, other scripts, digits, an underscore, capitals that lower-case to more or less
TEXTS = [
    "The Lord of the Rings: The Return of the King",
    "A king's ring isn't a toy; the KING_2 returns in 1999!",
    "Amélie, l'été à Paris — Ἀθήνα ΣΊΣΥΦΟΣ",
    "千と千尋の神隠し İstanbul straße &quot;quoted&quot; 1999",
    "",
    "Paris in the été, the king of Ἀθήνα and 1999 rings",
]


def table(rows, columns):
    """Whole-number arithmetic that test/ridge.test.ts repeats; the columns have very different sizes."""
    i = np.arange(rows * columns, dtype=np.int64).reshape(rows, columns)
    return (i * 7919 % 10007 * (i % 31 + 1) % 10007) / 2048.0 * (1 + i % columns) - 3


def targets(x):
    return x[:, 0] * 2 - x[:, 1] + np.abs(x[:, -1]) / 4 + 7


def gcv(x, y, penalty):
    n = len(x)
    xc, yc = x - x.mean(0), y - y.mean()
    hat = xc @ np.linalg.solve(xc.T @ xc + penalty * np.eye(x.shape[1]), xc.T)
    return n * np.sum((yc - hat @ yc) ** 2) / (n - 1 - np.trace(hat)) ** 2


def case(rows, columns, standardise):
    raw = table(rows + 10, columns)
    x, test, y = raw[:rows], raw[rows:], targets(raw)[:rows]
    if standardise:
        scaler = StandardScaler().fit(x)
        x, test = scaler.transform(x), scaler.transform(test)
    return {
        "rows": rows,
        "columns": columns,
        "standardise": standardise,
        "predictions": [Ridge(p, solver="svd").fit(x, y).predict(test).tolist() for p in PENALTIES],
        "gcv": [gcv(x, y, p) for p in PENALTIES],
        "chosen": float(RidgeCV(PENALTIES).fit(x, y).alpha_),
    }


vectorizer = TfidfVectorizer(min_df=2)
dense = vectorizer.fit_transform(TEXTS).toarray()
words = TfidfVectorizer().build_analyzer()
golden = {
    "scikit-learn": sklearn.__version__,
    "penalties": PENALTIES,
    "cases": [case(*c) for c in [(120, 9, False), (120, 9, True), (120, 131, False), (30, 77, True), (31, 76, False)]],
    "text": {
        "texts": TEXTS,
        "words": [words(t) for t in TEXTS],
        "terms": vectorizer.get_feature_names_out().tolist(),
        "idf": vectorizer.idf_.tolist(),
        "tfidf": dense.tolist(),
        "ridge": Ridge(0.5, solver="cholesky").fit(dense, [3, 1, 4, 1, 5, 9]).predict(dense).tolist(),
    },
}
Path(__file__).with_name("ridge.json").write_text(json.dumps(golden) + "\n")
