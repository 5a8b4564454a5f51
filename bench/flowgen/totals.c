#include "totals.h"

#include <inttypes.h>

void
totals_count(struct counters *c, const struct flow *f)
{
	enum counter_class k = counter_class_of(f->proto);
	c->flows[CLASS_ALL]++;
	c->packets[CLASS_ALL] += f->packets;
	c->bytes[CLASS_ALL] += f->bytes;
	c->flows[k]++;
	c->packets[k] += f->packets;
	c->bytes[k] += f->bytes;
}

static struct counters
sum(const struct totals *t)
{
	struct counters all = { 0 };
	for (size_t i = 0; i < t->n; i++)
		counters_add(&all, &t->exporters[i].sent);
	return all;
}

static void
print_table(const char *title, const struct counters *c, FILE *out)
{
	(void)fprintf(out, "%-20s %14s %16s %20s\n", title, "flows", "packets",
	    "bytes");
	for (int k = 0; k < CLASS_MAX; k++)
		(void)fprintf(out,
		    "  %-18s %14" PRIu64 " %16" PRIu64 " %20" PRIu64 "\n",
		    counter_class_names[k], c->flows[k], c->packets[k],
		    c->bytes[k]);
}

static void
print_text(const struct totals *t, FILE *out)
{
	struct counters all = sum(t);
	print_table("total", &all, out);
	for (size_t i = 0; t->n > 1 && i < t->n; i++)
		print_table(t->exporters[i].name, &t->exporters[i].sent, out);
	if (t->dropped.flows[CLASS_ALL] != 0)
		print_table("left out", &t->dropped, out);
	if (t->datagrams == 0)
		return;
	(void)fprintf(out, "%" PRIu64 " datagrams in %.3f s", t->datagrams,
	    t->seconds);
	if (t->seconds > 0)
		(void)fprintf(out, ", %.0f flows/s",
		    (double)all.flows[CLASS_ALL] / t->seconds);
	(void)fputc('\n', out);
}

static void
print_counters(const struct counters *c, FILE *out)
{
	for (int k = 0; k < CLASS_MAX; k++)
		(void)fprintf(out,
		    "%s\"%s\":{\"flows\":%" PRIu64 ",\"packets\":%" PRIu64
		    ",\"bytes\":%" PRIu64 "}",
		    k == 0 ? "{" : ",", counter_class_names[k], c->flows[k],
		    c->packets[k], c->bytes[k]);
	(void)fputc('}', out);
}

static void
print_json(const struct totals *t, FILE *out)
{
	struct counters all = sum(t);
	(void)fprintf(out,
	    "{\"datagrams\":%" PRIu64 ",\"seconds\":%.3f,\"total\":",
	    t->datagrams, t->seconds);
	print_counters(&all, out);
	(void)fputs(",\"dropped\":", out);
	print_counters(&t->dropped, out);
	(void)fputs(",\"exporters\":{", out);
	for (size_t i = 0; i < t->n; i++) {
		(void)fprintf(out, "%s\"%s\":", i == 0 ? "" : ",",
		    t->exporters[i].name);
		print_counters(&t->exporters[i].sent, out);
	}
	(void)fputs("}}\n", out);
}

void
totals_print(const struct totals *t, bool json, FILE *out)
{
	if (json)
		print_json(t, out);
	else
		print_text(t, out);
	(void)fflush(out);
}
