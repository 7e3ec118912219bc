/** The real cores of the control plane under a seeded network, clock and database. */
@NullMarked
package dev.batuta.simulation;

import org.jspecify.annotations.NullMarked;
