package dev.batuta.gateway.zeromq;

import static dev.batuta.gateway.zeromq.Reply.data;

import dev.batuta.messaging.replica.Content;
import java.util.Map;
import java.util.OptionalLong;

/** Ops in the form in which other systems replicate them. Pure. */
final class ReplicatedForm {
  private ReplicatedForm() {}

  /** The {@code content} of an op; an unknown one has none. */
  static Map<String, Object> content(Content op) {
    Map<String, Object> content =
        switch (op) {
          case Content.User user -> data("username", user.name());
          case Content.Channel channel -> {
            Map<String, Object> both = data("channel", channel.name());
            both.put("name", channel.name());
            yield both;
          }
          case Content.ChannelMessage said -> {
            Map<String, Object> message = data("user", said.author());
            message.put("channel", said.channel());
            message.put("message", said.text());
            yield message;
          }
          case Content.DirectMessage said -> {
            Map<String, Object> message = data("src", said.author());
            message.put("dst", said.to());
            message.put("message", said.text());
            yield message;
          }
          case Content.Unseen _ -> throw new IllegalArgumentException("it has no form");
        };
    content.put("timestamp", Reply.seconds(op.timeMillis()));
    return content;
  }

  /** The data of a {@code replicate} request for an op. */
  static Map<String, Object> request(Content op) {
    String type =
        switch (op) {
          case Content.User _ -> "login";
          case Content.Channel _ -> "channel";
          case Content.ChannelMessage _ -> "channel_message";
          case Content.DirectMessage _ -> "user_message";
          case Content.Unseen _ -> throw new IllegalArgumentException("it has no form");
        };
    Map<String, Object> data = data("type", type);
    data.put("content", content(op));
    return data;
  }

  /** The same op as it would come back from another system: at the second that was told to it. */
  static ForeignOp echo(Content op) {
    OptionalLong time = OptionalLong.of(Reply.seconds(op.timeMillis()) * 1_000);
    return switch (op) {
      case Content.User user -> new ForeignOp.Login(user.name(), time);
      case Content.Channel channel -> new ForeignOp.NewChannel(channel.name(), time);
      case Content.ChannelMessage said ->
          new ForeignOp.InChannel(said.author(), said.channel(), said.text(), time);
      case Content.DirectMessage said ->
          new ForeignOp.ToUser(said.author(), said.to(), said.text(), time);
      case Content.Unseen _ -> throw new IllegalArgumentException("it has no form");
    };
  }
}
