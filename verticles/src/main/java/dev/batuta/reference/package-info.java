/** The reference service: ranks and live servers. */
@NullMarked
package dev.batuta.reference;

import org.jspecify.annotations.NullMarked;
