/**
 * The metrics of Batuta itself, as Prometheus reads them. Each family takes its figures, when it is
 * asked, from those who keep them anyway, who know of no metrics.
 */
@NullMarked
package dev.batuta.node.metrics;

import org.jspecify.annotations.NullMarked;
