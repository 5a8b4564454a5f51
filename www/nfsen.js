// Makes the server's pages quick and live.  Everything shown here is also
// there without script.
import { address, go, onPage, remember } from "./page.js";
import { graph, redraw } from "./graph.js";
import { keys, showKeys } from "./keys.js";
import { sortable } from "./table.js";

document.documentElement.classList.add("script");

function sameKind(a) {
	return a.origin === location.origin && a.pathname === location.pathname &&
	    !a.hash && !a.target;
}

document.addEventListener("click", (e) => {
	const a = e.target.closest("a[href]");
	if (!a || e.ctrlKey || e.metaKey || e.shiftKey || e.button !== 0 ||
	    !sameKind(a))
		return;
	e.preventDefault();
	go(a.href);
});

// Ticks take effect at once; an address says "-" for none and nothing for all.
document.addEventListener("change", (e) => {
	if (e.target.name !== "ch")
		return;
	const boxes = [...document.querySelectorAll("input[name=ch][type=checkbox]")];
	const on = boxes.filter((b) => b.checked).map((b) => b.value);
	go(address({ ch: on.length === boxes.length ? null
	    : on.join(",") || "-" }));
});

document.addEventListener("submit", (e) => {
	if (e.target.method !== "get")
		return;
	e.preventDefault();
	const query = new URLSearchParams(new FormData(e.target));
	go(location.pathname + "?" + query);
});

window.addEventListener("popstate", () => go(location.href, false));

// ---- theme ------------------------------------------------------------------

const themes = { auto: "◐ auto", light: "○ light", dark: "● dark" };

function theme() {
	const root = document.documentElement;
	const button = document.getElementById("theme");
	button.hidden = false;
	button.title = "Theme: as the system has it, light or dark";
	button.textContent = themes[root.dataset.theme];
	button.onclick = () => {
		const names = Object.keys(themes);
		const next = names[(names.indexOf(root.dataset.theme) + 1) % 3];
		root.dataset.theme = next;
		button.textContent = themes[next];
		remember("theme", next);
		go(location.href, false);
	};
}

// ---- live -------------------------------------------------------------------

let timer = 0;

function live() {
	clearTimeout(timer);
	const wait = Number(document.getElementById("main").dataset.wait);
	if (!wait)
		return;
	timer = setTimeout(() => document.hidden ? live()
	    : go(location.href, false), wait * 1000);
}

document.addEventListener("visibilitychange", () => {
	if (!document.hidden && Number(document.getElementById("main").dataset.wait))
		go(location.href, false);
});

// A picture as wide as its place; the server knows it from then on.
function fit() {
	const plot = document.getElementById("plot");
	if (!plot)
		return;
	const width = Math.min(2400, Math.max(280, Math.round(plot.clientWidth)));
	if (!document.cookie.includes(`width=${width}`)) {
		remember("width", width);
		redraw(width);
	}
}

let resized = 0;
window.addEventListener("resize", () => {
	clearTimeout(resized);
	resized = setTimeout(fit, 200);
});

document.getElementById("help").hidden = false;
document.getElementById("help").onclick = showKeys;
theme();
keys();
[fit, graph, sortable, live].forEach(onPage);
