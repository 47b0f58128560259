from cuaderno.scaffold.study.data import points


def test_splits_share_no_point():
    train, test = points(100, 0, "train")[0], points(100, 0, "test")[0]
    assert not set(train.tolist()) & set(test.tolist())
