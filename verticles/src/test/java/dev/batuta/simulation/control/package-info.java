/** The real cores of the control plane under a seeded network, clock and database. */
@NullMarked
package dev.batuta.simulation.control;

import org.jspecify.annotations.NullMarked;
