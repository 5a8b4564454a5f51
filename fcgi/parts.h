/*
 * parts: pieces that several pages show.
 */
#ifndef FCGI_PARTS_H
#define FCGI_PARTS_H

#include <stdbool.h>

#include "fcgi/http.h"
#include "fcgi/view.h"

extern const char *const part_types[3];           /* "Flows" */
extern const char *const part_rate_units[3];      /* "flows/s" */
extern const char *const part_sum_units[3];       /* "flows" */
extern const char *const part_classes[CLASS_MAX]; /* "TCP" */

/* A graph in a page, of v with q's type, protocol and marks. */
struct picture {
	const struct view *view;
	struct query q;
	unsigned width, height;
	bool small; /* no legend and small text; else no legend */
	bool lazy;  /* loaded when it comes into sight */
	const char *alt;
};

/* <picture> for both themes, two densities, and phones when it is wide. */
void part_picture(const struct picture *p, const struct request *rq,
    struct response *rs);

/* A square of the channel's colour. */
void part_swatch(struct buf *b, const char *color);

/* Names and colours of v's channels. */
void part_legend(const struct view *v, struct response *rs);

/* "data to 12:35 UTC", or how late they are. */
void part_freshness(const struct view *v, struct response *rs);

/* "live", "continuous, shadow" */
const char *part_profile_type(const struct profile *p);

/* "name", "group/name" */
const char *part_profile_name(const struct profile *p, struct arena *a);

#endif
