#include "profiler/work_graph.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "store/classic.h"

#define PICTURE_MAX (16 * 1024 * 1024)
#define NO_CHANNEL  "No channel is chosen"
#define NO_GRAPH    "Error while drawing"

static const char *const type_names[] = { "Flows/s", "Packets/s", "Bits/s" };
static const char *const protos[] = { "any", "TCP", "UDP", "ICMP", "other" };

/* ---- arguments ------------------------------------------------------------------- */

struct channels {
	struct rrd_graph_channel *v;
	size_t n;
};

static int64_t
num(const char *text)
{
	return strtoll(text, NULL, 10);
}

/* Channels from argv[at] on. */
static struct channels
take_channels(int argc, char **argv, int at)
{
	struct channels c = { NULL, 0 };
	if (argc <= at)
		return c;
	c.v = mem_calloc((size_t)(argc - at) / 4 + 1, sizeof(*c.v));
	for (int i = at; i + 3 < argc; i += 4)
		c.v[c.n++] = (struct rrd_graph_channel){
			.sign = argv[i][0],
			.color = argv[i + 1],
			.name = argv[i + 2],
			.path = argv[i + 3],
		};
	return c;
}

/* ---- output ------------------------------------------------------------------------ */

static int
put(const char *why, const struct buf *image)
{
	if (why != NULL)
		(void)printf("ERR %s\n", why);
	else
		(void)puts("OK");
	(void)fwrite(buf_str(image), 1, image->len, stdout);
	return 0;
}

/* An icon of the pages, or a drawn text where they have none. */
static int
put_icon(const char *why, const char *icons, const char *name, const char *text)
{
	char path[FILE_PATH_MAX];
	struct buf image = BUF_EMPTY;
	if (!file_join(path, icons, name) ||
	    file_read(path, PICTURE_MAX, &image, NULL) == -1)
		(void)classic_text(text, 576, 200, &image, NULL);
	(void)put(why, &image);
	buf_free(&image);
	return 0;
}

/* ---- details ------------------------------------------------------------------------ */

enum details_arg {
	TYPE = 1,
	PROTO,
	PSTART,
	FROM,
	TO,
	MARK,
	WIDTH,
	HEIGHT,
	LIGHT,
	LOG,
	LINES,
	CYCLE,
	ICONS,
	CHANNELS
};

struct details {
	struct classic_graph g;
	char label[64], title[160];
};

/* "Flows/s proto TCP", behind the time or times that it is about. */
static void
name_details(struct details *d, char **argv)
{
	char a[CLASSIC_TIME_MAX], b[CLASSIC_TIME_MAX];
	int64_t mark = num(argv[MARK]);
	(void)snprintf(d->label, sizeof(d->label), "%s %s%s",
	    type_names[d->g.type], d->g.proto == CLASS_ALL ? "" : "proto ",
	    d->g.proto == CLASS_ALL ? "any protocol" : protos[d->g.proto]);
	if (mark != 0)
		(void)snprintf(d->title, sizeof(d->title), "%s %s",
		    classic_time(mark, a), d->label);
	else
		(void)snprintf(d->title, sizeof(d->title), "%s - %s %s",
		    classic_time(d->g.from, a), classic_time(d->g.to, b),
		    d->label);
	d->g.label = d->label;
	d->g.title = d->title;
}

static void
take_details(struct details *d, const struct channels *c, char **argv)
{
	d->g = (struct classic_graph){
		.channels = c->v,
		.n = c->n,
		.type = (enum rrd_type)(num(argv[TYPE]) % 3),
		.proto = (enum counter_class)(num(argv[PROTO]) % CLASS_MAX),
		.from = num(argv[FROM]),
		.to = num(argv[TO]),
		.slot_length = num(argv[CYCLE]),
		.profile_start = num(argv[PSTART]),
		.width = (unsigned)num(argv[WIDTH]),
		.height = (unsigned)num(argv[HEIGHT]),
		.light = num(argv[LIGHT]) != 0,
		.log_scale = num(argv[LOG]) != 0,
		.lines = num(argv[LINES]) != 0,
		.padded = true,
	};
	name_details(d, argv);
}

int
work_details(int argc, char **argv)
{
	struct details d;
	struct buf image = BUF_EMPTY;
	struct err err;
	int rc;
	if (argc < CHANNELS)
		return 1;
	struct channels c = take_channels(argc, argv, CHANNELS);
	take_details(&d, &c, argv);
	if (c.n == 0)
		rc = put_icon(NULL, argv[ICONS], "EmptyGraph.png", NO_CHANNEL);
	else if (classic_channels(&d.g, &image, &err) == -1)
		rc = put_icon(err.msg, argv[ICONS], "ErrorGraph.png", NO_GRAPH);
	else
		rc = put(NULL, &image);
	buf_free(&image);
	free(c.v);
	return rc;
}

/* ---- overview ------------------------------------------------------------------------- */

static time_t
mtime(const char *path)
{
	struct stat st;
	return stat(path, &st) == 0 ? st.st_mtime : 0;
}

/* Nothing new since it was drawn, or not for long. */
static bool
is_fresh(const char *file, const struct channels *c, int64_t max_age)
{
	time_t drawn = mtime(file), newest = 0;
	for (size_t i = 0; i < c->n; i++) {
		time_t t = mtime(c->v[i].path);
		if (t > newest)
			newest = t;
	}
	return drawn != 0 &&
	       (drawn >= newest || (drawn <= time(NULL) &&
				       time(NULL) - drawn < (time_t)max_age));
}

static int
draw_overview(char **argv, const struct channels *c, struct buf *image,
    struct err *err)
{
	char title[160], a[CLASSIC_TIME_MAX], b[CLASSIC_TIME_MAX];
	int type = (int)num(argv[1]) % 3;
	int64_t from = num(argv[2]), to = num(argv[3]);
	(void)snprintf(title, sizeof(title), "%s: %s - %s", type_names[type],
	    classic_time(from, a), classic_time(to, b));
	const struct classic_graph g = {
		.channels = c->v,
		.n = c->n,
		.type = (enum rrd_type)type,
		.from = from,
		.to = to,
		.slot_length = num(argv[4]),
		.title = title,
		.label = type_names[type],
		.width = 576,
		.height = 200,
	};
	return c->n == 0 ? classic_text(title, 576, 200, image, err)
			 : classic_channels(&g, image, err);
}

int
work_overview(int argc, char **argv)
{
	struct buf image = BUF_EMPTY;
	struct err err;
	if (argc < 7)
		return 1;
	const char *file = argv[6];
	struct channels c = take_channels(argc, argv, 7);
	int rc = is_fresh(file, &c, num(argv[5]))
		     ? file_read(file, PICTURE_MAX, &image, NULL)
		     : -1;
	if (rc == -1) {
		rc = draw_overview(argv, &c, &image, &err);
		/* Where it cannot be kept, it is drawn again. */
		if (rc == 0)
			(void)file_write_atomic(file, image.data, image.len,
			    0664, NULL);
	}
	if (rc == -1)
		(void)printf("ERR %s\n", err.msg);
	else
		(void)put(NULL, &image);
	buf_free(&image);
	free(c.v);
	return 0;
}

/* ---- alerts --------------------------------------------------------------------------- */

int
work_alertgraph(int argc, char **argv)
{
	struct buf image = BUF_EMPTY;
	struct err err;
	if (argc < 5)
		return 1;
	size_t n = (size_t)(argc - 5);
	int64_t *events = mem_calloc(n + 1, sizeof(*events));
	for (size_t i = 0; i < n; i++)
		events[i] = num(argv[5 + i]);
	const struct classic_alert g = {
		.path = argv[4],
		.type = (enum rrd_type)(num(argv[1]) % 3),
		.from = num(argv[2]),
		.to = num(argv[3]),
		.events = events,
		.n_events = n,
	};
	if (classic_alert(&g, &image, &err) == -1)
		(void)printf("ERR generating details graph: %s\n", err.msg);
	else
		(void)put(NULL, &image);
	buf_free(&image);
	free(events);
	return 0;
}

/* ---- files ------------------------------------------------------------------------------ */

/* The real path of root/name; false: not there, or not below the root. */
static bool
resolve(const char *root, const char *name, char *path)
{
	char real_root[PATH_MAX], joined[FILE_PATH_MAX];
	struct stat st;
	if (realpath(root, real_root) == NULL ||
	    !file_join(joined, root, name) || realpath(joined, path) == NULL ||
	    stat(path, &st) == -1 || !S_ISREG(st.st_mode))
		return false;
	size_t n = strlen(real_root);
	return strncmp(path, real_root, n) == 0 && path[n] == '/';
}

int
work_file(int argc, char **argv)
{
	char path[PATH_MAX];
	struct buf data = BUF_EMPTY;
	struct err err;
	if (argc != 3)
		return 1;
	if (!resolve(argv[1], argv[2], path))
		(void)puts("ERR picture does not exists.");
	else if (file_read(path, PICTURE_MAX, &data, &err) == -1)
		(void)printf("ERR %s\n", err.msg);
	else
		(void)put(NULL, &data);
	buf_free(&data);
	return 0;
}
