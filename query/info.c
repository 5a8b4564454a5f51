/* info: what files say of themselves: -I, -g. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "nffile/nffile.h"
#include "query/files.h"

struct info {
	struct nffile_stat sum;
	char ident[NFFILE_IDENT_MAX];
	unsigned files;
	int status;
};

/* The files of a query; not those that are still written: no statistics yet. */
static int
find(struct options *o, struct tree_list *files)
{
	struct err err;
	o->files.with_open = false;
	if (tree_find(&o->files, &o->arena, files, &err) == 0)
		return 0;
	(void)fprintf(stderr, "nfsen-query: %s\n", err.msg);
	return o->files.R != NULL ? EXIT_OPEN : EXIT_ARGS;
}

static int
read_stat(const char *path, struct nffile_stat *s, char *ident)
{
	struct err err;
	if (nffile_stat_read(path, s, ident, &err) == 0)
		return 0;
	(void)fprintf(stderr, "nfsen-query: %s\n", err.msg);
	return -1;
}

/* ---- -I ------------------------------------------------------------------------- */

static void
print_class(const char *what, const char *class, uint64_t v)
{
	(void)printf("%s%s: %" PRIu64 "\n", what, class, v);
}

static void
print_info(const struct info *i)
{
	const struct nffile_stat *s = &i->sum;
	static const char *const names[CLASS_MAX] = { "", "_tcp", "_udp",
		"_icmp", "_other" };
	struct counters c;
	nffile_stat_counters(s, &c);
	(void)printf("Ident: %s\n", i->ident);
	for (int k = 0; k < CLASS_MAX; k++)
		print_class("Flows", names[k], c.flows[k]);
	for (int k = 0; k < CLASS_MAX; k++)
		print_class("Packets", names[k], c.packets[k]);
	for (int k = 0; k < CLASS_MAX; k++)
		print_class("Bytes", names[k], c.bytes[k]);
	(void)printf("First: %" PRIu64 "\nLast: %" PRIu64
		     "\nmsec_first: %" PRIu64 "\nmsec_last: %" PRIu64
		     "\nSequence failures: %" PRIu64 "\n",
	    s->first / 1000, s->last / 1000, s->first % 1000, s->last % 1000,
	    s->sequence_failures);
}

static void
add_file(struct info *i, const char *path)
{
	struct nffile_stat s;
	char ident[NFFILE_IDENT_MAX];
	if (read_stat(path, &s, ident) == -1) {
		i->status = EXIT_DAMAGE;
		return;
	}
	nffile_stat_sum(&i->sum, &s);
	if (i->files++ == 0)
		memcpy(i->ident, ident, sizeof(i->ident));
}

int
files_info(struct options *o)
{
	struct info i = { .ident = "none" };
	struct tree_list files;
	int status = find(o, &files);
	if (status != 0)
		return status;
	for (size_t k = 0; k < files.n; k++)
		add_file(&i, files.files[k].path);
	if (i.files == 0 && o->nfdump)
		return EXIT_OPEN;
	print_info(&i);
	return i.status;
}

/* ---- -g ------------------------------------------------------------------------- */

/* The time is that of the name, or of the first flow. */
static void
print_file(const struct tree_file *f, const struct nffile_stat *s)
{
	struct counters c;
	char text[32];
	struct tm tm;
	time_t t =
	    f->start != -1 ? (time_t)f->start : (time_t)(s->first / 1000);
	nffile_stat_counters(s, &c);
	if (localtime_r(&t, &tm) == NULL ||
	    strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S", &tm) == 0)
		text[0] = '\0';
	(void)printf("%s,%" PRIu64 ",%" PRIu64 ",%" PRIu64 "\n", text,
	    c.flows[CLASS_ALL], c.packets[CLASS_ALL], c.bytes[CLASS_ALL]);
}

int
files_list(struct options *o)
{
	struct tree_list files;
	size_t printed = 0;
	int status = find(o, &files);
	if (status != 0)
		return status;
	for (size_t k = 0; k < files.n; k++) {
		struct nffile_stat s;
		char ident[NFFILE_IDENT_MAX];
		if (read_stat(files.files[k].path, &s, ident) == -1) {
			status = EXIT_DAMAGE;
			continue;
		}
		if (printed++ == 0)
			(void)puts("# yyyy-mm-dd HH:MM:SS,flows,packets,bytes");
		print_file(&files.files[k], &s);
	}
	return printed == 0 ? EXIT_OPEN : status;
}
