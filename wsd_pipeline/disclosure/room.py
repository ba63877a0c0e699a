"""Witnesses without a solver: how far each cell can move from the table where everything has most room.

Among the tables that agree with what is published there is a middle one (the analytic centre: the sum of the logs
of all distances to the bounds is greatest there; found by Newton's method). From it a cell can be moved, and the
others made to follow as each has room, until the first meets its bound. Both ends of that line are tables in
agreement, so whatever lies between them is open to the cell. One factorisation serves every cell.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Reals = NDArray[np.float64]
    Ints = NDArray[np.int64]
    Flags = NDArray[np.bool_]

EPSILON = 1e-6
STEPS = 40
"""Newton steps before it is taken that no table lies strictly inside the bounds."""
CHUNK = 64
"""Cells moved at once: few enough for the processor's cache."""
POWERS, WORTH = (1.0, 2.0, 1.5), 8
"""Of the room of each cell, how the others follow; one is tried after the other while more than so many are left."""
LIFT = 1e-8
"""Added to the diagonal of a large system, as a share of it, since its rows may repeat each other."""
DENSE = 1200
"""Equations up to which a dense factorisation is the faster."""


class Room:
    """`matrix @ x = total` with `low < x < high`: no variable is fixed, and every row and column is used."""

    def __init__(self, matrix: Any, total: Reals, low: Reals, high: Reals) -> None:
        self.all_rows, self.all_totals = matrix, total
        rows = _independent(matrix)
        self.matrix, self.total = matrix[rows], total[rows]
        self.turned, self.by_column = self.matrix.T.tocsr(), self.matrix.tocsc()
        self.low, self.high = low, high
        self.point = (low + high) / 2

    def centre(self) -> bool:
        """Move `point` to the middle; False where no table lies strictly inside, and `point` is none."""
        import numpy as np

        try:
            return self._to_centre()
        except (np.linalg.LinAlgError, RuntimeError):  # a weight went to nothing: a cell has no room
            return False

    def _to_centre(self) -> bool:
        import numpy as np

        x = self.point
        for _ in range(STEPS):
            above, below = 1 / (x - self.low), 1 / (self.high - x)
            curve = 1 / (above * above + below * below)
            slope = below - above
            missing = self.total - self.matrix @ x
            solve = _Normal(self.matrix, self.turned, curve)
            price = solve(-missing - self.matrix @ (curve * slope))
            step = -curve * (slope + self.turned @ price)
            decrement = float(np.sqrt((step * step / curve).sum()))
            with np.errstate(divide="ignore", invalid="ignore"):
                limit = np.where(step > 0, (self.high - x) / step, np.where(step < 0, (self.low - x) / step, np.inf))
            most = min(1.0, 0.95 * float(limit.min()))
            if decrement > 1 and abs(missing).max() < 1e-9:
                most = min(most, 1 / (1 + decrement))
            x = x + most * step
            if decrement < 0.5 and abs(self.all_totals - self.all_rows @ x).max() < 1e-8:
                self.point = x
                return True
        return False

    def narrow(self, asked: Ints, least: Ints) -> Ints:
        """Those of `asked` that were not seen to span `least` whole numbers, however the others are made to follow."""
        import numpy as np

        left, places = asked, np.arange(len(asked))
        for power in POWERS:
            try:
                kept = self._not_spanned(left, least[places], power)
            except (np.linalg.LinAlgError, RuntimeError):
                continue
            left, places = left[kept], places[kept]
            if len(left) <= WORTH:
                break
        return left

    def _not_spanned(self, asked: Ints, least: Ints, power: float) -> Flags:
        """Which are not, where the others follow by as much as this power of the room each has."""
        import numpy as np
        from scipy.sparse import diags

        room = np.minimum(self.high - self.point, self.point - self.low)
        weight = room**power
        solve = _Normal(self.matrix, self.turned, weight)
        turned = (diags(weight / room) @ self.turned).tocsr().astype(np.float32)
        left = []
        for first in range(0, len(asked), CHUNK):
            cells = asked[first : first + CHUNK]
            entered = (self.by_column[:, cells] @ diags(weight[cells])).tocsc()
            price, wrong = solve.prices(entered)
            own = weight[cells] - np.asarray(entered.multiply(price).sum(axis=0)).ravel()
            others = turned @ price.astype(np.float32)
            others[cells, np.arange(len(cells))] = 0
            # how far along, until another cell has used its room; the sums in single precision want a margin
            reach = 0.9999 / np.maximum(np.abs(others, out=others).max(axis=0).astype(np.float64), 1e-9)
            up = np.minimum(reach * own, self.high[cells] - self.point[cells])
            down = np.minimum(reach * own, self.point[cells] - self.low[cells])
            with np.errstate(divide="ignore", invalid="ignore"):
                sound = (own > 1e-9 * weight[cells]) & (wrong * (up + down) / own < EPSILON)
            span = whole(self.point[cells] - down, self.point[cells] + up)
            left.append(~sound | (span < least[first : first + CHUNK]))
        return np.concatenate(left) if left else np.zeros(0, dtype=bool)


def _independent(matrix: Any) -> Ints:
    """Rows of which the others are sums and differences; all of them in a large system."""
    import numpy as np
    from scipy.linalg import qr

    if not 0 < matrix.shape[0] <= DENSE:
        every: Ints = np.arange(matrix.shape[0])
        return every
    sizes, order = qr((matrix @ matrix.T).toarray(), mode="r", pivoting=True, check_finite=False)
    size = np.abs(np.diagonal(sizes))
    kept: Ints = np.sort(order[: int((size > 1e-9 * size[0]).sum())]).astype(np.int64)
    return kept


class _Normal:
    """Solves (matrix · weight · matrixᵀ) y = b, for b that the matrix can give: rows of a large one may repeat."""

    def __init__(self, matrix: Any, turned: Any, weight: Reals) -> None:
        from scipy.linalg import cho_factor
        from scipy.sparse import diags
        from scipy.sparse.linalg import splu

        self.matrix = matrix @ diags(weight) @ turned
        self.is_dense = matrix.shape[0] <= DENSE
        self.inverse: Any = None
        if self.is_dense:
            self.matrix = self.matrix.toarray()
            self.factor = cho_factor(self.matrix, check_finite=False)
        else:
            self.factor = splu((self.matrix + diags(LIFT * self.matrix.diagonal())).tocsc())

    def __call__(self, b: Reals) -> Reals:
        y = self._once(b)
        solved: Reals = y + self._once(b - self.matrix @ y)
        return solved

    def _once(self, b: Reals) -> Reals:
        from scipy.linalg import cho_solve

        solved: Reals = cho_solve(self.factor, b, check_finite=False) if self.is_dense else self.factor.solve(b)
        return solved

    def prices(self, entered: Any) -> tuple[Reals, Reals]:
        """y for each of the sparse columns `entered`, and by how much the worst of its equations is missed."""
        import numpy as np

        if not self.is_dense:
            b = entered.toarray()
            y = self(b)
            return y, np.abs(b - self.matrix @ y).max(axis=0)
        if self.inverse is None:
            self.inverse = self._once(np.eye(len(self.matrix)))
            self.missed = self.matrix @ self.inverse - np.eye(len(self.matrix))
        turned = entered.T.tocsr()
        return np.ascontiguousarray((turned @ self.inverse.T).T), np.abs(turned @ self.missed.T).max(axis=1)


def whole(low: Reals, high: Reals) -> Reals:
    """How many whole numbers lie from `low` to `high`."""
    import numpy as np

    count: Reals = np.floor(high + EPSILON) - np.ceil(low - EPSILON) + 1
    return count
