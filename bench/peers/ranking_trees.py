#!/usr/bin/env python3
"""Trains the boosted trees of XGBoost and scikit-learn on the lists that `ranking` of bench/Aisle.Benchmarks wrote to a folder, and says how well
and how fast. Needs Debian's python3-xgboost (1.7) and python3-sklearn (1.2); the program itself never needs them.

    /usr/bin/python3 bench/peers/ranking_trees.py FOLDER THREADS
"""
import os
import sys
import time
from pathlib import Path

folder, threads = Path(sys.argv[1]), int(sys.argv[2])
os.environ["OMP_NUM_THREADS"] = str(threads)

import numpy as np
import xgboost
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

FEATURES, LIST = 40, 50


def read(part):
    features = np.fromfile(folder / f"{part}.features.f32", dtype=np.float32).reshape(-1, FEATURES)
    return features, np.fromfile(folder / f"{part}.labels.f32", dtype=np.float32)


def ndcg(scores, labels):
    discounts = 1 / np.log2(np.arange(2, 12))
    gains = 2 ** labels.reshape(-1, LIST) - 1
    order = np.argsort(-scores.reshape(-1, LIST), axis=1, kind="stable")
    dcg = (np.take_along_axis(gains, order, 1)[:, :10] * discounts).sum(1)
    best = (-np.sort(-gains, axis=1)[:, :10] * discounts).sum(1)
    return (dcg[best > 0] / best[best > 0]).mean()


def report(name, seconds, score):
    score(test[:500])
    times = []
    for _ in range(200):
        start = time.perf_counter()
        score(test[:500])
        times.append(time.perf_counter() - start)
    print(f"{name}: {seconds:.1f} s of processor time, NDCG@10 {ndcg(score(test), test_labels):.4f}, 500 rows in {np.median(times) * 1e6:.0f} µs (best {min(times) * 1e6:.0f})", flush=True)


train, labels = read("train")
test, test_labels = read("test")
shared = dict(tree_method="hist", grow_policy="lossguide", max_leaves=31, max_depth=12, max_bin=255, eta=0.1, min_child_weight=0.001, nthread=threads, verbosity=0)
for objective in ("rank:ndcg", "rank:pairwise", "reg:squarederror"):
    start = time.process_time()
    matrix = xgboost.DMatrix(train, label=labels, group=np.full(len(labels) // LIST, LIST))
    booster = xgboost.train(dict(shared, objective=objective), matrix, num_boost_round=300)
    report(f"xgboost {objective}", time.process_time() - start, booster.inplace_predict)

options = dict(max_iter=300, max_leaf_nodes=31, max_depth=12, learning_rate=0.1, l2_regularization=1, early_stopping=False)
start = time.process_time()
regressor = HistGradientBoostingRegressor(**options).fit(train, labels)
report("scikit-learn squared error", time.process_time() - start, regressor.predict)
start = time.process_time()
classifier = HistGradientBoostingClassifier(**options).fit(train, labels >= 2)
report("scikit-learn logistic", time.process_time() - start, classifier.decision_function)
