// Drives headless Chromium over the pages of a generated tree.
//   node _browser.mjs URL        SHOTS=folder keeps screenshots
import assert from "node:assert/strict";
import { chromium } from "playwright-core";

const base = process.argv[2];
const browser = await chromium.launch({
	executablePath: "/usr/bin/chromium",
	args: ["--no-sandbox", "--headless", "--disable-gpu", "--disable-quic",
		"--no-first-run", "--disable-background-networking",
		"--disable-component-update", "--disable-sync"],
});
let passed = 0;
let problems = [];

async function open(path, options = {}) {
	const context = await browser.newContext({
		viewport: { width: 1400, height: 1000 }, ...options });
	const page = await context.newPage();
	page.setDefaultTimeout(15000);
	page.on("console", (m) => ["error", "warning"].includes(m.type()) &&
	    problems.push(m.text()));
	page.on("pageerror", (e) => problems.push(e.message));
	page.on("requestfailed", (r) =>
	    r.failure().errorText !== "net::ERR_ABORTED" &&
	    problems.push(`${r.url()}: ${r.failure().errorText}`));
	await page.goto(base + path, { waitUntil: "networkidle" });
	return page;
}

async function check(name, path, options, work) {
	problems = [];
	const page = await open(path, options);
	try {
		await work(page);
		assert.deepEqual(problems, [], "console");
	} catch (e) {
		console.error(`FAIL ${name} (${page.url()}): ${e.message}`);
		process.exitCode = 1;
		return;
	} finally {
		if (process.env.SHOTS)
			await page.screenshot({ fullPage: true,
				path: `${process.env.SHOTS}/${name.replaceAll(" ", "-")}.png` });
		await page.context().close();
	}
	passed++;
	console.log(`ok   ${name}`);
}

// Every picture in sight is there, and is a PNG of the size it has in the page.
async function pictures(page, least) {
	const list = await page.$$eval("img[data-graph]", (all) =>
	    all.map((i) => ({ url: i.currentSrc || i.src, lazy: i.loading === "lazy",
		    w: Number(i.getAttribute("width")),
		    h: Number(i.getAttribute("height")), done: i.naturalWidth > 0 })));
	assert.ok(list.length >= least, `${list.length} graphs`);
	for (const i of list.filter((x) => !x.lazy)) {
		assert.ok(i.done, `${i.url} is not shown`);
		const body = Buffer.from(await (await fetch(i.url)).arrayBuffer());
		assert.equal(body.subarray(1, 4).toString(), "PNG");
		assert.deepEqual([body.readUInt32BE(16), body.readUInt32BE(20)],
		    [i.w, i.h], i.url);
	}
}

const main = "#plot img";
const source = (page) => page.$eval(main, (i) => i.currentSrc || i.src);
const param = (page, key) => new URL(page.url()).searchParams.get(key);

// Do something, and wait until the address and the main graph are others.
async function changes(page, act) {
	const before = { url: page.url(), src: await source(page) };
	await act();
	await page.waitForFunction(([sel, old]) => {
		const i = document.querySelector(sel);
		return i && (i.currentSrc || i.src) !== old && i.complete &&
		    i.naturalWidth > 0;
	}, [main, before.src]);
	assert.notEqual(page.url(), before.url);
	await page.waitForLoadState("networkidle");
}

async function noOverflow(page) {
	const over = await page.evaluate(() =>
	    document.documentElement.scrollWidth - innerWidth);
	assert.ok(over <= 0, `${over} pixels too wide`);
}

await check("overview", "/", {}, async (page) => {
	await pictures(page, 9);
	assert.match(await page.textContent("#main"), /collector is not running/);
	assert.match(await page.textContent("header"), /UTC/);
	await noOverflow(page);
});

await check("graphs", "/p/web/graphs", {}, async (page) => {
	await pictures(page, 12);
	await page.click("section.period:nth-of-type(2) figure:nth-child(3) a");
	await page.waitForURL(/details/);
	assert.equal(param(page, "w"), "1w");
	assert.equal(param(page, "type"), "traffic");
});

await check("details", "/p/live/details", {}, async (page) => {
	await pictures(page, 7);
	assert.equal(await page.$$eval("#stats tbody tr", (r) => r.length), 3);
	await noOverflow(page);
});

await check("a click on the graph selects its slot", "/p/live/details", {},
    async (page) => {
	const box = await (await page.waitForSelector(main)).boundingBox();
	await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
	await page.waitForSelector("#readout i");
	await changes(page, () => page.mouse.click(box.x + box.width / 2,
	    box.y + box.height / 2));
	const t = Date.parse(param(page, "t")) / 1000;
	const range = await page.$eval("#graph", (f) =>
	    [Number(f.dataset.from), Number(f.dataset.to)]);
	assert.equal(t % 300, 0);
	// The plot's middle lies right of the image's by its labels.
	assert.ok(Math.abs(t - (range[0] + range[1]) / 2) < 3600, "far off");
	await changes(page, () => page.goBack());
	assert.equal(param(page, "t"), null);
});

await check("a drag zooms and a double click goes out", "/p/live/details", {},
    async (page) => {
	const box = await (await page.waitForSelector(main)).boundingBox();
	const y = box.y + 100;
	await page.mouse.move(box.x + 600, y);
	await page.waitForSelector("#readout i");
	await changes(page, async () => {
		await page.mouse.down();
		await page.mouse.move(box.x + 800, y, { steps: 4 });
		await page.mouse.up();
	});
	assert.match(param(page, "w"), /^\d+s$/);
	assert.match(param(page, "end"), /^\d{4}-/);
});

await check("keys", "/p/live/details?t=now-4h", {}, async (page) => {
	const slot = () => page.$eval("#graph", (f) => Number(f.dataset.slot));
	const t = await slot();
	await changes(page, () => page.keyboard.press("ArrowLeft"));
	assert.equal(await slot(), t - 300);
	await changes(page, () => page.keyboard.press("Shift+ArrowLeft"));
	assert.equal(await slot(), t - 11 * 300);
	await changes(page, () => page.keyboard.press("l"));
	assert.equal(param(page, "scale"), "log");
	await changes(page, () => page.keyboard.press("s"));
	assert.equal(param(page, "style"), "line");
	await changes(page, () => page.keyboard.press("p"));
	const peak = await slot();
	assert.ok(peak > t - 11 * 300 && peak < t + 3 * 300, "not the flood");
	await page.keyboard.press("?");
	await page.waitForSelector("dialog[open]");
	await page.keyboard.press("Escape");
});

await check("controls keep the rest of the state",
    "/p/services/dns/details?w=6h&scale=log", {}, async (page) => {
	await changes(page, () => page.click("#controls >> text=Traffic"));
	assert.equal(param(page, "w"), "6h");
	assert.equal(param(page, "scale"), "log");
	await changes(page, () => page.click("#controls >> text=UDP"));
	assert.equal(param(page, "type"), "traffic");
	await changes(page, () => page.click("input[value=answer]"));
	assert.equal(param(page, "ch"), "query");
	await pictures(page, 7);
});

await check("dark theme by the system and by the switch", "/p/live/details",
    { colorScheme: "dark" }, async (page) => {
	const paper = () => page.$eval(".main", (e) =>
	    getComputedStyle(e).backgroundColor);
	assert.equal(await paper(), "rgb(21, 26, 33)");
	assert.match(await source(page), /theme=dark/);
	await page.click("#theme"); // auto -> light
	await page.waitForFunction(() => !document.querySelector("#plot img")
	    .src.includes("theme=dark"));
	assert.equal(await paper(), "rgb(255, 255, 255)");
	await page.reload({ waitUntil: "networkidle" });
	assert.equal(await paper(), "rgb(255, 255, 255)");
});

for (const path of ["/", "/p/web/graphs", "/p/live/details", "/status"])
	await check(`phone ${path.replaceAll("/", "_")}`, path,
	    { viewport: { width: 360, height: 740 } }, noOverflow);

await check("without script", "/p/live/details?t=now-2h",
    { javaScriptEnabled: false }, async (page) => {
	const shown = await page.textContent("#stats h2");
	await page.click("a[title='previous slot']");
	assert.notEqual(await page.textContent("#stats h2"), shown);
	await page.fill("input[name=t]", "now-1h");
	await page.click("#controls form.when button");
	assert.equal(param(page, "t"), "now-1h");
	await page.uncheck("input[value=peer1]");
	await page.click("button.apply");
	assert.match(page.url(), /ch=-&ch=peer2&ch=upstream1/);
	assert.match(await page.textContent("#stats"), /Total of ticked/);
});

await check("errors say what to do", "/p/live/details", {}, async (page) => {
	const answer = await page.request.get(`${base}/p/live/details?w=never`);
	assert.equal(answer.status(), 400);
	assert.match(await answer.text(), /parameter &#39;w&#39;/);
	assert.equal((await page.request.get(`${base}/p/no/details`)).status(), 404);
	assert.equal((await page.request.post(`${base}/`)).status(), 405);
});

await check("first view within its budget", "/p/live/details", {},
    async (page) => {
	const sizes = await page.evaluate(() => performance
	    .getEntriesByType("resource").concat(performance
		.getEntriesByType("navigation")).map((e) =>
		    ({ name: e.name, size: e.encodedBodySize })));
	const sum = (f) => sizes.filter(f).reduce((a, e) => a + e.size, 0);
	const script = sum((e) => /\.js/.test(e.name));
	const all = sum(() => true);
	console.log(`     ${all} bytes, script ${script}`);
	assert.ok(script <= 80000 && all <= 150000, `${all} bytes`);
});

await browser.close();
console.log(`${passed} browser checks passed`);
