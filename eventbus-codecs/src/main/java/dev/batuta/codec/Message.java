package dev.batuta.codec;

/**
 * Everything that verticles say to each other. Each record carries its {@link Type} number; the
 * codec derives its wire form from the record's components, in their order.
 *
 * <p>A component is {@code int}, {@code long}, {@code double}, {@code boolean}, {@code String},
 * {@link Bytes}, an enum, a record, a sealed interface of records, or a {@code List} of one of
 * these. One that may be absent is {@code @Nullable}. What an older sender did not know arrives as
 * 0, false, an empty text, an empty list, or null.
 */
public sealed interface Message
    permits Done,
        Failure,
        ClusterMessage,
        ElectionMessage,
        ClockMessage,
        ReferenceMessage,
        TaskMessage,
        WorkerMessage,
        LendingMessage,
        ChatMessage {}
