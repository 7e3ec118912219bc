package dev.batuta.codec;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The form for programs in other languages: JSON objects or MessagePack maps with the names of the
 * components as keys, {@code {"sender": .., "clock": .., "message": {"type": "probe", ..}}}.
 *
 * <p>{@code type} is the name of the record in lower camel case, and is there wherever a field can
 * hold one of several records. Enums are the names of their constants. {@link Bytes} are binary in
 * MessagePack and Base64 text in JSON. A {@code long} beyond 2^53 - 1, which JavaScript would
 * round, is a decimal text in JSON; either is read. Unknown keys are passed over, missing ones have
 * the defaults of {@link PositionalForm}, the {@link Limits} are the same. Threads share it.
 */
public final class NamedForm {
  private static final NamedForm SHARED = new NamedForm(Schema.ENVELOPE, Limits.DEFAULT);

  private final Shape root;
  private final Limits limits;

  NamedForm(Schema schema, Limits limits) {
    this.root = schema.root();
    this.limits = limits;
  }

  /** Of envelopes, with {@link Limits#DEFAULT}. */
  public static NamedForm shared() {
    return SHARED;
  }

  /**
   * An envelope as JSON.
   *
   * @throws MalformedMessage if it holds a null where none may be
   */
  public JsonObject toJson(Envelope envelope) {
    return new JsonObject(NamedTree.JSON.write(root, envelope));
  }

  /**
   * An envelope from JSON.
   *
   * @throws MalformedMessage naming the field that is wrong
   */
  public Envelope fromJson(JsonObject json) {
    return Envelope.received(read(json));
  }

  /**
   * An envelope from the text of JSON.
   *
   * @throws MalformedMessage naming the field that is wrong
   */
  public Envelope fromJson(Buffer text) {
    limits.checkBytes(text.length());
    try {
      return fromJson(new JsonObject(text));
    } catch (DecodeException | ClassCastException e) {
      throw new MalformedMessage("not a JSON object: " + e.getMessage());
    }
  }

  /**
   * An envelope as MessagePack maps.
   *
   * @throws MalformedMessage if it is beyond the limits or holds a null where none may be
   */
  public byte[] toMessagePack(Envelope envelope) {
    return pack(envelope);
  }

  /**
   * An envelope from MessagePack maps.
   *
   * @throws MalformedMessage naming the field that is wrong
   */
  public Envelope fromMessagePack(byte[] bytes) {
    return Envelope.received(unpack(bytes));
  }

  Object read(@Nullable Object tree) {
    return new TreeReader(limits).root(root, tree);
  }

  byte[] pack(Object value) {
    Map<String, @Nullable Object> tree = NamedTree.MESSAGE_PACK.write(root, value);
    return TreePack.pack(tree, limits);
  }

  Object unpack(byte[] bytes) {
    return read(TreePack.unpack(bytes, limits));
  }
}
