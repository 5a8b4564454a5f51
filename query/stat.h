/*
 * stat: top-N tables of one element (-s ip/bytes).
 */
#ifndef QUERY_STAT_H
#define QUERY_STAT_H

#include <stdbool.h>

#include "base/err.h"
#include "query/elem.h"
#include "query/format.h"
#include "query/groups.h"
#include "query/order.h"
#include "query/scan.h"

#define STAT_MAX 8

struct stat_element; /* what can be counted, stat.c */

struct stat {
	const struct stat_element *what;
	bool by_proto;     /* ":p" */
	uint32_t orders;   /* 1 << enum order, one table each */
	struct key key[2]; /* of both sides, for ip, port, .. */
	size_t n_keys;
	struct groups *groups;
};

/*
 * "stat[:p][/order[/order..]]".  0: an element; 1: "record", only *orders
 * is set; -1: err.
 */
int stat_parse(struct stat *s, const char *text, uint32_t *orders,
    struct err *err);

/* Before the first row; what is not in s is the caller's. */
void stat_begin(struct stat *s, const struct groups_conf *c);
void stat_free(struct stat *s);
uint64_t stat_columns(const struct stat *s);

struct stat_style {
	enum format_mode mode; /* fmt, csv or pipe */
	bool plain;
	bool wide6;
	bool quiet;
	size_t top; /* 0: all */
	const struct bounds *only;
};

/* The tables of s, one per order. */
void stat_print(const struct stat *s, const struct totals *t,
    const struct stat_style *style, struct buf *b);

#endif
