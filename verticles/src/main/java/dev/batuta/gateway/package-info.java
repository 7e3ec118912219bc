/** What the world outside sees: the doors of a node, and what stands behind all of them. */
@NullMarked
package dev.batuta.gateway;

import org.jspecify.annotations.NullMarked;
