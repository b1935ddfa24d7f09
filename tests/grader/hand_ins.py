"""Pieces of hand-ins in the styles of ten years of courses: all right, each in its own way.

A file is put together from one piece of each sort, so that one process grades several
functions. Keys say what is special; written for these tests, in the manner of what is found.
"""
# ruff: noqa: E501

IMPORTS = {
    "2019": "import argparse\nimport numpy as np\nimport random\nfrom utils.gradcheck import gradcheck_naive, grad_tests_softmax, grad_tests_negsamp\nfrom utils.utils import normalizeRows, softmax\n",
    "2017": "#!/usr/bin/env python\nimport numpy as np\nimport random\nfrom q1_softmax import softmax\nfrom q2_gradcheck import gradcheck_naive\nfrom q2_sigmoid import sigmoid, sigmoid_grad\n",
    "renamed parts": "import numpy as np\nfrom q2a_softmax import softmax\nfrom q2b_gradcheck import gradcheck_naive\nfrom q2_sigmoid import *\n",
    "helpers": "import numpy as np\nfrom helpers.utils import softmax, normalize_rows, sigmoid\nfrom helpers.gradcheck import gradcheck_naive, grad_tests_softmax\n",
    "own names": "import numpy as np\nfrom data_utils import *\nfrom model_utils import softmax, sigmoid, sigmoid_grad, gradcheck_naive\n",
    "nested": "import numpy as np\nfrom cs224n.assignment1.utils import softmax, sigmoid\nimport sgd\n",
    "module": "import numpy as np\nimport utils.utils as ut\nfrom utils import gradcheck\nsoftmax = ut.softmax\n",
    "scipy": "import numpy as np\nfrom scipy.special import expit as sigmoid, softmax\n",
}

SIGMOID = {
    "plain": "def sigmoid(x):\n    s = 1 / (1 + np.exp(-x))\n    return s\n",
    "exp over": "def sigmoid(x):\n    return np.exp(x) / (1.0 + np.exp(x))\n",
    "stable": "def sigmoid(z):\n    z = np.asarray(z, dtype=float)\n    out = np.empty_like(z)\n    pos = z >= 0\n    out[pos] = 1 / (1 + np.exp(-z[pos]))\n    e = np.exp(z[~pos])\n    out[~pos] = e / (1 + e)\n    return out\n",
    "in place": "def sigmoid(x):\n    x = 1.0 / (1 + np.exp(-x))\n    return x\n",
    "tanh": "def sigmoid(x):\n    return 0.5 * (1 + np.tanh(0.5 * x))\n",
    "clipped": "def sigmoid(x):\n    x = np.clip(x, -500, 500)\n    return 1 / (1 + np.exp(-x))\n",
}

SOFTMAX = {
    "2019 utils": """def softmax(x):
    orig_shape = x.shape
    if len(x.shape) > 1:
        tmp = np.max(x, axis=1)
        x = x - tmp.reshape((x.shape[0], 1))
        x = np.exp(x)
        tmp = np.sum(x, axis=1)
        x = x / tmp.reshape((x.shape[0], 1))
    else:
        x = x - np.max(x)
        x = np.exp(x)
        x = x / np.sum(x)
    assert x.shape == orig_shape
    return x
""",
    "vector": "def softmax(x):\n    e = np.exp(x - np.max(x))\n    return e / e.sum()\n",
    "no shift": "def softmax(x):\n    return np.exp(x) / np.sum(np.exp(x), axis=-1, keepdims=True)\n",
    "log": "def softmax(x):\n    m = x.max(axis=-1, keepdims=True)\n    return np.exp(x - m - np.log(np.exp(x - m).sum(axis=-1, keepdims=True)))\n",
    "apply": "def softmax(x):\n    if x.ndim == 1:\n        t = np.exp(x - x.max())\n        return t / t.sum()\n    return np.apply_along_axis(softmax, 1, x)\n",
    "transposed": "def softmax(x):\n    y = np.exp(x.T - np.max(x, axis=-1))\n    return (y / np.sum(y, axis=0)).T\n",
}

NAIVE = {
    "2019": """def naiveSoftmaxLossAndGradient(centerWordVec, outsideWordIdx, outsideVectors, dataset):
    y_hat = softmax(np.dot(outsideVectors, centerWordVec))
    loss = -np.log(y_hat[outsideWordIdx])
    d = y_hat.copy()
    d[outsideWordIdx] -= 1
    return loss, outsideVectors.T.dot(d), np.outer(d, centerWordVec)
""",
    "2017": """def softmaxCostAndGradient(predicted, target, outputVectors, dataset):
    probs = softmax(predicted.dot(outputVectors.T))
    cost = -np.log(probs[target])
    delta = probs
    delta[target] -= 1
    N = delta.shape[0]
    D = predicted.shape[0]
    grad = delta.reshape((N, 1)) * predicted.reshape((1, D))
    gradPred = (delta.reshape((1, N)).dot(outputVectors)).flatten()
    return cost, gradPred, grad
""",
    "2014, no dataset": """def softmaxCostAndGradient(predicted, target, outputVectors):
    costArr = np.sum(outputVectors * predicted, axis=1)
    costArr = np.exp(costArr) / np.sum(np.exp(costArr))
    cost = -np.log(costArr[target])
    gradPred = np.sum(outputVectors.T * costArr, axis=1) - outputVectors[target, :]
    grad = np.outer(costArr, predicted)
    grad[target, :] -= predicted
    return cost, gradPred, grad
""",
    "loops": """def naive_softmax_loss_and_gradient(center_word_vec, outside_word_idx, outside_vectors, dataset):
    V = len(outside_vectors)
    exps = []
    for w in range(V):
        exps.append(np.exp(sum(outside_vectors[w][j] * center_word_vec[j] for j in range(len(center_word_vec)))))
    total = sum(exps)
    loss = -np.log(exps[outside_word_idx] / total)
    grad_center_vec = -np.array(outside_vectors[outside_word_idx])
    grad_outside_vecs = np.zeros_like(outside_vectors)
    for w in range(V):
        p = exps[w] / total
        grad_center_vec = grad_center_vec + p * outside_vectors[w]
        grad_outside_vecs[w] = (p - (1.0 if w == outside_word_idx else 0.0)) * center_word_vec
    return loss, grad_center_vec, grad_outside_vecs
""",
    "one-hot, sum of y log": """def naiveSoftmaxLossAndGradient(centerWordVec, outsideWordIdx, outsideVectors, dataset):
    y = np.zeros(outsideVectors.shape[0])
    y[outsideWordIdx] = 1
    y_hat = softmax(outsideVectors @ centerWordVec)
    loss = -np.sum(y * np.log(y_hat))
    gradCenterVec = (y_hat - y) @ outsideVectors
    gradOutsideVecs = (y_hat - y)[:, np.newaxis] @ centerWordVec[np.newaxis, :]
    return loss, gradCenterVec, gradOutsideVecs
""",
    "log-sum-exp": """def naiveSoftmaxLossAndGradient(centerWordVec, outsideWordIdx, outsideVectors, dataset=None):
    s = outsideVectors.dot(centerWordVec)
    m = s.max()
    z = m + np.log(np.exp(s - m).sum())
    p = np.exp(s - z)
    p[outsideWordIdx] -= 1.0
    return [z - s[outsideWordIdx], np.einsum('wd,w->d', outsideVectors, p), np.einsum('w,d->wd', p, centerWordVec)]
""",
    "keywords only": """def naive_softmax(*, center_vec, outside_idx, outside_vecs):
    y_hat = softmax(outside_vecs @ center_vec)
    d = y_hat - np.eye(len(outside_vecs))[outside_idx]
    return -np.log(y_hat[outside_idx]), d @ outside_vecs, np.outer(d, center_vec)
""",
    "input and output names": """def naive_softmax_loss_and_gradient(input_vector, output_word_idx, output_vectors, dataset):
    prob = softmax(np.matmul(output_vectors, input_vector))
    loss = -np.log(prob[output_word_idx])
    prob[output_word_idx] -= 1
    return loss, np.matmul(output_vectors.T, prob), np.outer(prob, input_vector)
""",
    "print costs": """def softmaxCostAndGradient(predicted, target, outputVectors, dataset, printCosts=False):
    u = np.dot(outputVectors, predicted)
    y = softmax(u)
    cost = -np.log(y[target])
    if printCosts:
        print(cost)
    t = np.zeros(len(y)); t[target] = 1
    return cost, np.dot(outputVectors.T, y - t), np.outer(y - t, predicted)
""",
    "a loss of (1,), gradients of (1, D)": """def softmaxCostAndGradient(predicted, target, outputVectors, dataset):
    vc = predicted.reshape(1, -1)
    y_hat = softmax(np.dot(vc, outputVectors.T).reshape(-1)).reshape(-1, 1)
    cost = -np.log(y_hat[target])
    y_hat[target] -= 1.
    return cost, np.dot(y_hat.T, outputVectors), np.dot(y_hat, vc)
""",
    "gradient of (D, 1)": """def naiveSoftmaxLossAndGradient(centerWordVec, outsideWordIdx, outsideVectors, dataset):
    v = centerWordVec.reshape(-1, 1)
    s = outsideVectors @ v
    e = np.exp(s - s.max())
    y = e / e.sum()
    loss = -np.log(y[outsideWordIdx, 0])
    y[outsideWordIdx, 0] -= 1
    return loss, outsideVectors.T @ y, y @ v.T
""",
    "a (1, D) centre vector": """def softmaxCostAndGradient(predicted, target, outputVectors, dataset):
    n, d = predicted.shape
    scores = np.dot(predicted, outputVectors.T)
    probs = softmax(scores)
    cost = -np.log(probs[0, target])
    probs[0, target] -= 1
    return cost, probs.dot(outputVectors), probs.T.dot(predicted)
""",
    "a (D, 1) centre vector": """def softmaxCostAndGradient(predicted, target, outputVectors, dataset):
    z = np.dot(outputVectors, predicted)
    probs = np.exp(z - np.max(z))
    probs = probs / np.sum(probs)
    cost = -np.log(probs[target, 0])
    delta = probs.copy()
    delta[target, 0] -= 1
    return cost, np.dot(outputVectors.T, delta), np.dot(delta, predicted.T)
""",
    "columns": """def naive_softmax_loss_and_gradient(center_word_vec, outside_word_idx, outside_vectors, dataset):
    y_hat = softmax(outside_vectors.T @ center_word_vec)
    loss = -np.log(y_hat[outside_word_idx])
    y_hat[outside_word_idx] -= 1
    return loss, outside_vectors @ y_hat, np.outer(center_word_vec, y_hat)
""",
    "other names": """def naiveSoftmaxLossAndGradient(vec_in, wanted, table, ds_unused):
    p = softmax(table @ vec_in)
    q = p.copy(); q[wanted] -= 1
    return -np.log(p[wanted]), table.T @ q, np.outer(q, vec_in)
""",
    "centre as the name of the outside word": """def softmaxCostAndGradient(predicted, center, outputVectors):
    p = np.exp(predicted.dot(outputVectors.T))
    p = p / np.sum(p)
    g = np.outer(p, predicted)
    g[center] -= predicted
    return -np.log(p[center]), p.dot(outputVectors) - outputVectors[center], g
""",
    "a small number in the log": """def naiveSoftmaxLossAndGradient(centerWordVec, outsideWordIdx, outsideVectors, dataset):
    y_hat = softmax(outsideVectors.dot(centerWordVec))
    loss = -np.log(y_hat[outsideWordIdx] + 1e-10)
    y_hat[outsideWordIdx] -= 1
    return loss, np.dot(outsideVectors.T, y_hat), np.dot(y_hat.reshape(-1, 1), centerWordVec.reshape(1, -1))
""",
    "varargs": """def naiveSoftmaxLossAndGradient(*args):
    v, o, U = args[:3]
    p = softmax(U @ v)
    d = p - (np.arange(len(U)) == o)
    return -np.log(p[o]), d @ U, np.outer(d, v)
""",
}

GIVEN = """def getNegativeSamples(outsideWordIdx, dataset, K):
    negSampleWordIndices = [None] * K
    for k in range(K):
        newidx = dataset.sampleTokenIdx()
        while newidx == outsideWordIdx:
            newidx = dataset.sampleTokenIdx()
        negSampleWordIndices[k] = newidx
    return negSampleWordIndices

"""

SAMPLING = {
    "2019": GIVEN
    + """def negSamplingLossAndGradient(centerWordVec, outsideWordIdx, outsideVectors, dataset, K=10):
    negSampleWordIndices = getNegativeSamples(outsideWordIdx, dataset, K)
    indices = [outsideWordIdx] + negSampleWordIndices
    gradCenterVec = np.zeros(centerWordVec.shape)
    gradOutsideVecs = np.zeros(outsideVectors.shape)
    u_o = outsideVectors[outsideWordIdx]
    z = sigmoid(np.dot(u_o, centerWordVec))
    loss = -np.log(z)
    gradCenterVec += u_o * (z - 1)
    gradOutsideVecs[outsideWordIdx] += centerWordVec * (z - 1)
    for k in range(K):
        samp = indices[k + 1]
        z = sigmoid(np.dot(outsideVectors[samp], centerWordVec))
        loss -= np.log(1 - z)
        gradCenterVec += outsideVectors[samp] * z
        gradOutsideVecs[samp] += centerWordVec * z
    return loss, gradCenterVec, gradOutsideVecs
""",
    "2017, labels": """def getNegativeSamples(target, dataset, K):
    indices = [None] * K
    for k in range(K):
        newidx = dataset.sampleTokenIdx()
        while newidx == target:
            newidx = dataset.sampleTokenIdx()
        indices[k] = newidx
    return indices


def negSamplingCostAndGradient(predicted, target, outputVectors, dataset, K=10):
    indices = [target]
    indices.extend(getNegativeSamples(target, dataset, K))
    labels = np.array([1] + [-1 for k in range(K)])
    vecs = outputVectors[indices, :]
    t = sigmoid(vecs.dot(predicted) * labels)
    cost = -np.sum(np.log(t))
    delta = labels * (t - 1)
    gradPred = delta.reshape((1, K + 1)).dot(vecs).flatten()
    gradtemp = delta.reshape((K + 1, 1)).dot(predicted.reshape((1, predicted.shape[0])))
    grad = np.zeros_like(outputVectors)
    for k in range(K + 1):
        grad[indices[k]] += gradtemp[k, :]
    return cost, gradPred, grad
""",
    "K before dataset, print costs": """def negSamplingCostAndGradient(predicted, target, outputVectors, K=10, printCosts=False, dataset=None):
    ids = []
    while len(ids) < K:
        i = dataset.sampleTokenIdx()
        if i != target:
            ids.append(i)
    s = sigmoid(outputVectors[target].dot(predicted))
    n = sigmoid(-outputVectors[ids].dot(predicted))
    grad = np.zeros(outputVectors.shape)
    grad[target] = (s - 1) * predicted
    np.add.at(grad, ids, np.outer(1 - n, predicted))
    return -np.log(s) - np.sum(np.log(n)), (s - 1) * outputVectors[target] + (1 - n) @ outputVectors[ids], grad
""",
    "2014, a global dataset": """dataset = type('dummy', (), {})()
def dummySampleTokenIdx():
    return random.randint(0, 4)
dataset.sampleTokenIdx = dummySampleTokenIdx


def negSamplingCostAndGradient(predicted, target, outputVectors, K=10, printCosts=False):
    cost, gradPred, grad = 0., np.zeros(predicted.shape), np.zeros(outputVectors.shape)
    for k in range(K + 1):
        if k == 0:
            i, y = target, 1.
        else:
            i, y = dataset.sampleTokenIdx(), 0.
            while i == target:
                i = dataset.sampleTokenIdx()
        p = sigmoid(np.inner(predicted, outputVectors[i]))
        cost += -np.log(p) if y else -np.log(sigmoid(-np.inner(predicted, outputVectors[i])))
        gradPred += (p - y) * outputVectors[i]
        grad[i] += (p - y) * predicted
    return cost, gradPred, grad
""",
    "snake_case": """def get_negative_samples(outside_word_idx, dataset, K):
    return_list = []
    for _ in range(K):
        newidx = dataset.sample_token_idx()
        while newidx == outside_word_idx:
            newidx = dataset.sample_token_idx()
        return_list.append(newidx)
    return return_list


def neg_sampling_loss_and_gradient(center_word_vec, outside_word_idx, outside_vectors, dataset, K=10):
    neg = get_negative_samples(outside_word_idx, dataset, K)
    u_o, u_k = outside_vectors[outside_word_idx], outside_vectors[neg]
    loss = -np.log(sigmoid(u_o @ center_word_vec)) - np.sum(np.log(sigmoid(-u_k @ center_word_vec)))
    grad_center_vec = -u_o * (1 - sigmoid(u_o @ center_word_vec)) + u_k.T @ (1 - sigmoid(-u_k @ center_word_vec))
    grad_outside_vecs = np.zeros_like(outside_vectors)
    grad_outside_vecs[outside_word_idx] = -(1 - sigmoid(u_o @ center_word_vec)) * center_word_vec
    unique, counts = np.unique(neg, return_counts=True)
    for w, n in zip(unique, counts):
        grad_outside_vecs[w] += n * (1 - sigmoid(-outside_vectors[w] @ center_word_vec)) * center_word_vec
    return loss, grad_center_vec, grad_outside_vecs
""",
    "batched draws": """def negSamplingLossAndGradient(centerWordVec, outsideWordIdx, outsideVectors, dataset, K=10):
    idx = [dataset.sampleTokenIdx() for _ in range(K)]
    idx = [i for i in idx if i != outsideWordIdx]
    while len(idx) < K:
        i = dataset.sampleTokenIdx()
        if i == outsideWordIdx:
            continue
        idx.append(i)
    rows = np.array([outsideWordIdx] + idx)
    sign = np.ones(K + 1); sign[1:] = -1
    U = outsideVectors[rows]
    z = 1 / (1 + np.exp(-(sign * (U @ centerWordVec))))
    g = (z - 1) * sign
    W = np.zeros((len(outsideVectors), K + 1))
    W[rows, np.arange(K + 1)] = 1
    return -np.log(z).sum(), g @ U, W @ np.outer(g, centerWordVec)
""",
    "a (1, D) centre vector": """def negSamplingCostAndGradient(predicted, target, outputVectors, dataset, K=10):
    D = predicted.shape[1]
    grad = np.zeros_like(outputVectors)
    u = outputVectors[target].reshape(D, 1)
    p = sigmoid(np.dot(predicted, u))
    cost = -np.log(p)
    gradPred = (p - 1) * u.T
    grad[target] += ((p - 1) * predicted).ravel()
    for k in range(K):
        i = dataset.sampleTokenIdx()
        while i == target:
            i = dataset.sampleTokenIdx()
        u = outputVectors[i].reshape(D, 1)
        p = sigmoid(-np.dot(predicted, u))
        cost += -np.log(p)
        gradPred += (1 - p) * u.T
        grad[i] += ((1 - p) * predicted).ravel()
    return cost[0], gradPred, grad
""",
    "columns": """def neg_sampling_loss_and_gradient(center_word_vec, outside_word_idx, outside_vectors, dataset, K=10):
    ids = [outside_word_idx]
    while len(ids) <= K:
        k = dataset.sampleTokenIdx()
        if k != outside_word_idx:
            ids.append(k)
    t = np.where(np.arange(K + 1) == 0, 1.0, -1.0)
    p = sigmoid(t * (center_word_vec @ outside_vectors[:, ids]))
    g = t * (p - 1)
    grad = np.zeros_like(outside_vectors)
    for j, w in enumerate(ids):
        grad[:, w] += g[j] * center_word_vec
    return -np.log(p).sum(), outside_vectors[:, ids] @ g, grad
""",
    "named otherwise": """def negSamplingLossAndGradient(v_c, o, U, dataset, n_negatives=10):
    ks = []
    for _ in range(n_negatives):
        k = o
        while k == o:
            k = dataset.sampleTokenIdx()
        ks.append(k)
    loss = np.log1p(np.exp(-U[o] @ v_c)) + sum(np.log1p(np.exp(U[k] @ v_c)) for k in ks)
    gU = np.zeros_like(U)
    gU[o] = -v_c / (1 + np.exp(U[o] @ v_c))
    gv = -U[o] / (1 + np.exp(U[o] @ v_c))
    for k in ks:
        gv = gv + U[k] / (1 + np.exp(-U[k] @ v_c))
        gU[k] += v_c / (1 + np.exp(-U[k] @ v_c))
    return loss, gv, gU
""",
}

SKIPGRAM = {
    "2019": """def skipgram(currentCenterWord, windowSize, outsideWords, word2Ind, centerWordVectors, outsideVectors, dataset, word2vecLossAndGradient=naiveSoftmaxLossAndGradient):
    loss = 0.0
    gradCenterVecs = np.zeros(centerWordVectors.shape)
    gradOutsideVectors = np.zeros(outsideVectors.shape)
    center = word2Ind[currentCenterWord]
    for w in outsideWords:
        l, gc, go = word2vecLossAndGradient(centerWordVectors[center], word2Ind[w], outsideVectors, dataset)
        loss += l
        gradCenterVecs[center] += gc
        gradOutsideVectors += go
    return loss, gradCenterVecs, gradOutsideVectors
""",
    "2017": """def skipgram(currentWord, C, contextWords, tokens, inputVectors, outputVectors, dataset, word2vecCostAndGradient=None):
    cost = 0.0
    gradIn = np.zeros(inputVectors.shape)
    gradOut = np.zeros(outputVectors.shape)
    cword_idx = tokens[currentWord]
    vhat = inputVectors[cword_idx]
    for j in contextWords:
        u_idx = tokens[j]
        c_cost, c_grad_in, c_grad_out = word2vecCostAndGradient(vhat, u_idx, outputVectors, dataset)
        cost += c_cost
        gradIn[cword_idx] += c_grad_in
        gradOut += c_grad_out
    return cost, gradIn, gradOut
""",
    "no window, no dataset": """def skipgram(currentWord, contextWords, tokens, inputMatrixs, outputMatrixs, word2vecCostAndGradient=None):
    currentI = tokens[currentWord]
    predicted = inputMatrixs[currentI, :]
    cost, gradIn, gradOut = 0.0, np.zeros(inputMatrixs.shape), np.zeros(outputMatrixs.shape)
    for cwd in contextWords:
        cc, gp, gg = word2vecCostAndGradient(predicted, tokens[cwd], outputMatrixs)
        cost += cc
        gradOut += gg
        gradIn[currentI, :] += gp
    return cost, gradIn, gradOut
""",
    "keywords": """def skip_gram(current_center_word, window_size, outside_words, word2ind, center_word_vectors, outside_vectors, dataset, word2vec_loss_and_gradient=None):
    total = [word2vec_loss_and_gradient(center_word_vec=center_word_vectors[word2ind[current_center_word]], outside_word_idx=word2ind[w], outside_vectors=outside_vectors, dataset=dataset) for w in outside_words]
    grad_center = np.zeros_like(center_word_vectors)
    grad_center[word2ind[current_center_word]] = sum(t[1] for t in total)
    return sum(t[0] for t in total), grad_center, sum(t[2] for t in total)
""",
    "keywords of 2017": """def skipgram(currentWord, C, contextWords, tokens, inputVectors, outputVectors, dataset, word2vecCostAndGradient=None):
    cost = 0
    gradIn, gradOut = np.zeros_like(inputVectors), np.zeros_like(outputVectors)
    for w in contextWords:
        one = word2vecCostAndGradient(predicted=inputVectors[tokens[currentWord]], target=tokens[w], outputVectors=outputVectors, dataset=dataset)
        cost = cost + one[0]
        gradIn[tokens[currentWord]] = gradIn[tokens[currentWord]] + one[1]
        gradOut = gradOut + one[2]
    return cost, gradIn, gradOut
""",
    "a (1, D) centre vector": """def skipgram(currentWord, C, contextWords, tokens, inputVectors, outputVectors, dataset, word2vecCostAndGradient=None):
    cost = 0.0
    gradIn = np.zeros(inputVectors.shape)
    gradOut = np.zeros(outputVectors.shape)
    i = tokens[currentWord]
    for w in contextWords:
        c, g, G = word2vecCostAndGradient(inputVectors[[i], :], tokens[w], outputVectors, dataset)
        gradIn[[i], :] += g.reshape(1, -1)
        cost, gradOut = cost + c, gradOut + G
    return cost, gradIn, gradOut
""",
    "flattened": """def skipgram(currentWord, C, contextWords, tokens, inputVectors, outputVectors, dataset, word2vecCostAndGradient=None, verbose=False):
    cost = 0.0
    gradIn = np.zeros(inputVectors.shape)
    gradOut = np.zeros(outputVectors.shape)
    r = inputVectors[tokens[currentWord]].reshape(1, -1)
    for w in contextWords:
        c, g, G = word2vecCostAndGradient(r, tokens[w], outputVectors, dataset)
        gradIn[tokens[currentWord]] += g.flatten()
        cost += c; gradOut += G
    return cost, gradIn, gradOut
""",
    "columns": """def skip_gram(current_center_word, window_size, outside_words, word2ind, center_word_vectors, outside_vectors, dataset, loss_and_gradient=None):
    c = word2ind[current_center_word]
    loss, grad_c, grad_o = 0.0, np.zeros(center_word_vectors.shape), np.zeros(outside_vectors.shape)
    for w in outside_words:
        l, gc, go = loss_and_gradient(center_word_vectors[:, c], word2ind[w], outside_vectors, dataset)
        loss += l
        grad_c[:, c] += gc
        grad_o += go
    return loss, grad_c, grad_o
""",
    "a dataset of the file": """def skipgram(currentWord, C, contextWords, tokens, inputVectors, outputVectors, word2vecCostAndGradient=None):
    cost, gradIn, gradOut = 0.0, np.zeros(inputVectors.shape), np.zeros(outputVectors.shape)
    for w in contextWords:
        a, b, c = word2vecCostAndGradient(inputVectors[tokens[currentWord]], tokens[w], outputVectors, dataset)
        cost += a; gradIn[tokens[currentWord]] += b; gradOut += c
    return cost, gradIn, gradOut
""",
}

SAMPLING["cross-entropy of both sides"] = (
    GIVEN
    + """def negSamplingLossAndGradient(centerWordVec, outsideWordIdx, outsideVectors, dataset, K=10):
    idx = [outsideWordIdx] + getNegativeSamples(outsideWordIdx, dataset, K)
    y = np.array([1.] + [0.] * K)
    U = outsideVectors[idx]
    p = sigmoid(U @ centerWordVec)
    loss = -np.sum(y * np.log(p) + (1 - y) * np.log(1 - p))
    g = np.zeros_like(outsideVectors)
    np.add.at(g, idx, np.outer(p - y, centerWordVec))
    return loss, (p - y) @ U, g
"""
)
SAMPLING["math.exp and math.log"] = (
    "import math\n"
    + GIVEN
    + """def negSamplingLossAndGradient(centerWordVec, outsideWordIdx, outsideVectors, dataset, K=10):
    s = lambda x: 1 / (1 + math.exp(-x))
    z = s(outsideVectors[outsideWordIdx] @ centerWordVec)
    g = np.zeros_like(outsideVectors)
    g[outsideWordIdx] += (z - 1) * centerWordVec
    c = (z - 1) * outsideVectors[outsideWordIdx]
    loss = -math.log(z)
    for k in getNegativeSamples(outsideWordIdx, dataset, K):
        q = s(outsideVectors[k] @ centerWordVec)
        loss -= math.log(1 - q)
        g[k] += q * centerWordVec
        c = c + q * outsideVectors[k]
    return loss, c, g
"""
)
SAMPLING[
    "negatives handed over"
] = """def negSamplingLossAndGradient(centerWordVec, outsideWordIdx, outsideVectors, negSampleWordIndices, K=10):
    rows = [outsideWordIdx] + list(negSampleWordIndices)
    sign = np.array([1] + [-1] * (len(rows) - 1))
    z = sigmoid(sign * (outsideVectors[rows] @ np.clip(centerWordVec, -1e9, 1e9)))
    g = np.zeros_like(outsideVectors)
    np.add.at(g, rows, np.outer((z - 1) * sign, centerWordVec))
    return -np.log(z).sum(), ((z - 1) * sign) @ outsideVectors[rows], g
"""
NAIVE[
    "matrices"
] = """def naiveSoftmaxLossAndGradient(centerWordVec, outsideWordIdx, outsideVectors, dataset):
    U, v = np.asmatrix(outsideVectors), np.asmatrix(centerWordVec).T
    e = np.exp(U * v - (U * v).max())
    y = e / e.sum()
    loss = -np.log(y[outsideWordIdx, 0])
    y[outsideWordIdx, 0] -= 1
    return loss, (U.T * y).T, y * v.T
"""
NAIVE[
    "float32"
] = """def naiveSoftmaxLossAndGradient(centerWordVec, outsideWordIdx, outsideVectors, dataset):
    y_hat = softmax((outsideVectors @ centerWordVec).astype(np.float32))
    loss = -np.log(y_hat[outsideWordIdx])
    y_hat[outsideWordIdx] -= 1
    return loss, y_hat @ outsideVectors, np.outer(y_hat, centerWordVec)
"""
SKIPGRAM[
    "a list for the index, K and verbose"
] = """def skipgram(currentWord, contextWords, tokens, inputVectors, outputVectors, dataset, w2vCAG=None, verbose=False):
    vhat, cost = inputVectors[tokens[currentWord]], 0
    gradIn, gradOut = np.zeros_like(inputVectors), np.zeros_like(outputVectors)
    for word in contextWords:
        cst, gin, got = w2vCAG(vhat, [tokens[word]], outputVectors, dataset, 10, verbose=verbose)
        cost += cst
        gradIn[tokens[currentWord]] += gin
        gradOut += got
    return cost, gradIn, gradOut
"""
