/** Tests of the gateway. */
@NullMarked
package dev.batuta.gateway;

import org.jspecify.annotations.NullMarked;
