// Makes the server's pages quick and live.  Everything shown here is also
// there without script: a page is fetched and its parts are put in place.
import { graph, redraw } from "./graph.js";
import { keys, showKeys } from "./keys.js";
import { sortable } from "./table.js";

const parts = ["title", "controls", "graph", "small", "stats", "sources"];
let running = null;

document.documentElement.classList.add("script");

function remember(name, value) {
	document.cookie = `${name}=${value};path=/;max-age=31536000;samesite=lax`;
}

// The next image is loaded before the old one goes, so that nothing jumps.
async function loaded(node) {
	const images = [...node.querySelectorAll("img:not([loading=lazy])")];
	await Promise.all(images.map((img) => img.decode().catch(() => {})));
}

async function replace(id, fresh) {
	const old = document.getElementById(id);
	const node = document.importNode(fresh, true);
	if (id === "controls" && old.contains(document.activeElement)) {
		const label = document.activeElement.textContent;
		old.replaceWith(node);
		[...node.querySelectorAll("a,button")]
		    .find((a) => a.textContent === label)?.focus();
		return;
	}
	await loaded(node);
	const focused = old.contains(document.activeElement)
	    ? document.activeElement.id : "";
	old.replaceWith(node);
	if (focused)
		document.getElementById(focused)?.focus({ preventScroll: true });
}

function wholePage(page) {
	document.getElementById("main").replaceWith(
	    document.importNode(page.getElementById("main"), true));
}

function adopt(page) {
	document.title = page.title;
	const main = document.getElementById("main");
	const fresh = page.getElementById("main");
	main.dataset.wait = fresh.dataset.wait;
	const clock = page.getElementById("clock");
	if (clock)
		document.getElementById("clock").innerHTML = clock.innerHTML;
	if (!document.getElementById("graph") || !page.getElementById("graph")) {
		wholePage(page);
		return [];
	}
	return parts.filter((id) => document.getElementById(id) &&
	    page.getElementById(id))
	    .map((id) => replace(id, page.getElementById(id)));
}

// Show another address: only the newest wish counts.
export async function go(url, push = true) {
	running?.abort();
	const mine = running = new AbortController();
	if (push)
		history.pushState(null, "", url);
	document.getElementById("graph")?.classList.add("busy");
	try {
		const answer = await fetch(url, { signal: mine.signal });
		const text = await answer.text();
		const page = new DOMParser().parseFromString(text, "text/html");
		if (mine.signal.aborted)
			return;
		await Promise.all(adopt(page));
		start();
	} catch (e) {
		if (e.name !== "AbortError")
			location.href = url;
	}
}

// The same page with some parameters changed; null takes one away.
export function address(changes) {
	const url = new URL(location.href);
	for (const [key, value] of Object.entries(changes))
		if (value === null)
			url.searchParams.delete(key);
		else
			url.searchParams.set(key, value);
	// Readable times and lists.
	url.search = url.searchParams.toString().replaceAll("%3A", ":")
	    .replaceAll("%2C", ",");
	return url.pathname + url.search;
}

export function iso(seconds) {
	return new Date(seconds * 1000).toISOString()
	    .replace(/\.000Z$/, "Z").replace(/:00Z$/, "Z");
}

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

const themes = { auto: "Theme: system", light: "Theme: light",
	dark: "Theme: dark" };

function theme() {
	const root = document.documentElement;
	const button = document.getElementById("theme");
	button.hidden = false;
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

function start() {
	fit();
	graph();
	sortable();
	live();
}

document.getElementById("help").hidden = false;
document.getElementById("help").onclick = showKeys;
theme();
keys();
start();
