#include <stdio.h>
#include <string.h>

#include "nffile/nffile.h"
#include "query/report.h"

struct info {
	struct nffile_stat sum;
	char ident[NFFILE_IDENT_MAX];
	unsigned files;
	int status;
};

static void
print_class(const char *what, const char *class, uint64_t v)
{
	(void)printf("%s%s: %llu\n", what, class, (unsigned long long)v);
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
	(void)printf("First: %llu\nLast: %llu\nmsec_first: %llu\n"
		     "msec_last: %llu\nSequence failures: %llu\n",
	    (unsigned long long)(s->first / 1000),
	    (unsigned long long)(s->last / 1000),
	    (unsigned long long)(s->first % 1000),
	    (unsigned long long)(s->last % 1000),
	    (unsigned long long)s->sequence_failures);
}

static void
add_file(struct info *i, const struct tree_file *f)
{
	struct nffile_stat s;
	char ident[NFFILE_IDENT_MAX];
	struct err err;
	if (f->open) /* it has no statistics yet */
		return;
	if (nffile_stat_read(f->path, &s, ident, &err) == -1) {
		(void)fprintf(stderr, "nfsen-query: %s\n", err.msg);
		i->status = EXIT_DAMAGE;
		return;
	}
	nffile_stat_sum(&i->sum, &s);
	if (i->files++ == 0)
		memcpy(i->ident, ident, sizeof(i->ident));
}

int
report_info(const struct options *o)
{
	struct info i = { .ident = "none" };
	struct arena a = ARENA_EMPTY;
	struct tree_list files;
	struct err err;
	if (tree_find(&o->files, &a, &files, &err) == -1) {
		(void)fprintf(stderr, "nfsen-query: %s\n", err.msg);
		arena_free(&a);
		return EXIT_ARGS;
	}
	for (size_t k = 0; k < files.n; k++)
		add_file(&i, &files.files[k]);
	arena_free(&a);
	print_info(&i);
	return i.status;
}
