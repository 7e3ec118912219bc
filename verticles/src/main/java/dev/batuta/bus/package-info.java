/**
 * The one way in which verticles talk: the clustered event bus, stamped with Lamport clocks; who is
 * a member.
 */
@NullMarked
package dev.batuta.bus;

import org.jspecify.annotations.NullMarked;
