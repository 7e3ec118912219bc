/** The real queue, submissions and workers under a seeded network, clock and database. */
@NullMarked
package dev.batuta.simulation.dispatch;

import org.jspecify.annotations.NullMarked;
