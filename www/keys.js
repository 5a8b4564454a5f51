// Keys of the Details page; each is also a control on it.
import { address, go } from "./page.js";
import { select, selected, seriesNow, slotLength, totals, zoomOut }
    from "./graph.js";

const help = [
	["← →", "slot before, slot after"],
	["Shift ← →", "ten slots"],
	["p, Shift p", "next peak, peak before"],
	["l", "linear or logarithmic"],
	["s", "stacked or lines"],
	["r", "rates or sums"],
	["n", "now"],
	["−", "zoom out"],
	["click", "slot"],
	["drag", "zoom in"],
	["Shift drag", "window for the statistics"],
	["double click", "zoom out"],
	["?", "this list"],
];

export function showKeys() {
	let box = document.getElementById("keys");
	if (!box) {
		box = document.createElement("dialog");
		box.id = "keys";
		const list = document.createElement("dl");
		for (const [key, what] of help) {
			const dt = document.createElement("dt");
			const dd = document.createElement("dd");
			dt.textContent = key;
			dd.textContent = what;
			list.append(dt, dd);
		}
		const form = document.createElement("form");
		form.method = "dialog";
		const close = document.createElement("button");
		close.textContent = "Close";
		form.append(close);
		box.append(list, form);
		document.body.append(box);
	}
	box.showModal();
}

// The next slot that is higher than its neighbours and than twice the median.
function peak(direction) {
	const s = seriesNow();
	const sum = totals();
	const known = sum.filter((v) => v !== null).sort((a, b) => a - b);
	if (!known.length)
		return;
	const high = Math.min(2 * known[known.length >> 1],
	    known[known.length - 1]);
	let i = Math.floor((selected() - s.start) / s.step) + direction;
	for (; i >= 0 && i < sum.length; i += direction)
		if (sum[i] !== null && sum[i] >= high &&
		    sum[i] >= (sum[i - 1] ?? 0) && sum[i] > (sum[i + 1] ?? 0)) {
			select(s.start + i * s.step);
			return;
		}
}

function toggle(key, value) {
	const now = new URLSearchParams(location.search).get(key);
	go(address({ [key]: now === value ? null : value }));
}

export function keys() {
	document.addEventListener("keydown", (e) => {
		if (e.ctrlKey || e.metaKey || e.altKey ||
		    e.target.closest("input, select, textarea, dialog"))
			return;
		if (e.key === "?")
			return showKeys();
		if (!document.getElementById("graph"))
			return;
		const far = e.shiftKey ? 10 : 1;
		const actions = {
			ArrowLeft: () => select(selected() - far * slotLength()),
			ArrowRight: () => select(selected() + far * slotLength()),
			p: () => peak(1),
			P: () => peak(-1),
			l: () => toggle("scale", "log"),
			s: () => toggle("style", "line"),
			r: () => toggle("stat", "sum"),
			n: () => go(address({ t: null, from: null, to: null,
				end: null })),
			"-": zoomOut,
		};
		if (actions[e.key]) {
			e.preventDefault();
			actions[e.key]();
		}
	});
}
