// Tables sorted by a click on a column's head.
let order = null;

function sort(table, column, down) {
	const body = table.tBodies[0];
	const value = (row) => {
		const cell = row.cells[column];
		return cell.dataset.v !== undefined ? Number(cell.dataset.v)
		    : cell.textContent;
	};
	const rows = [...body.rows].sort((a, b) => {
		const x = value(a), y = value(b);
		return (x < y ? -1 : x > y ? 1 : 0) * (down ? -1 : 1);
	});
	body.append(...rows);
	for (const th of table.querySelectorAll(".sort"))
		if (Number(th.dataset.col) === column)
			th.setAttribute("aria-sort",
			    down ? "descending" : "ascending");
		else
			th.removeAttribute("aria-sort");
}

export function sortable() {
	const table = document.querySelector("#stats table");
	if (!table)
		return;
	if (order)
		sort(table, order.column, order.down);
	for (const th of table.querySelectorAll(".sort")) {
		th.tabIndex = 0;
		th.onclick = () => {
			const column = Number(th.dataset.col);
			order = { column, down: order?.column === column
			    ? !order.down : column > 0 };
			sort(table, column, order.down);
		};
		th.onkeydown = (e) => e.key === "Enter" && th.onclick();
	}
}
