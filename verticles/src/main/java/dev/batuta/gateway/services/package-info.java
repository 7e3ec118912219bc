/** What a client may ask, told once for every door. */
@NullMarked
package dev.batuta.gateway.services;

import org.jspecify.annotations.NullMarked;
