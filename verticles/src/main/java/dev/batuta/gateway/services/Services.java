package dev.batuta.gateway.services;

/**
 * What the doors of a node's gateway ask. Made once and shared by all of them: who guesses
 * passwords at one door waits at the others too, and a name that was registered through one is
 * known at all. Any thread may ask; the answer comes on the Vert.x context that asked.
 */
public record Services(
    LoginService logins,
    TaskService tasks,
    ChatService chat,
    CopyService copies,
    AccountService accounts,
    CheckpointService checkpoints,
    CoordinationService coordination,
    DoorService doors,
    KeyService keys,
    UserService users) {}
