/*
 * image: graphs as PNG and SVG, drawn by librrd into memory.
 */
#ifndef FCGI_IMAGE_H
#define FCGI_IMAGE_H

#include "fcgi/view.h"

/*
 * Draw the view's graph.  The header "X-Plot: left top width height
 * image-width image-height from to" tells scripts where in the picture which
 * time lies.
 */
void image_graph(const struct view *v, enum rrd_image format,
    const struct request *rq, struct response *rs);

#endif
