@NullMarked
package dev.batuta.gateway.foreign;

import org.jspecify.annotations.NullMarked;
