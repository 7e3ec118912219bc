package dev.batuta.codec;

/** It was done, and there is nothing else to say. */
@Type(1)
public record Done() implements Message {}
