// A terminal that does not prove itself (S320): each fault by name, with the exact reason the audit trail must show.
#include "tests/rki/forge.hpp"
#include "tests/rki/misbehaviour.hpp"

namespace tf::rki::test {
namespace {

using Send = std::function<void(Scene&, const TerminalState& before, std::string_view received, Outgoing& message)>;

// Changes the terminal's message on one route.
std::function<void(Scene&)> sends(std::string_view route, Send change) {
  return [route, change = std::move(change)](Scene& scene) {
    scene.terminal.tamper = [&scene, route, change](const TerminalState& before, std::string_view received, TerminalStep& step) {
      if (step.send && step.send->route == route) change(scene, before, received, *step.send);
    };
  };
}

std::function<void(Scene&)> sends_token(const AlterBytes& alter) {
  return sends("token", [alter](Scene& scene, const TerminalState& before, std::string_view received, Outgoing& message) {
    message.body = encode(forge_token(std::get<AwaitingToken>(before), received, scene.terminal.identity, scene.terminal_random, alter));
  });
}

std::function<void(Scene&)> sends_receipt(const std::function<void(Receipt&)>& alter) {
  return sends("receipt", [alter](Scene&, const TerminalState& before, std::string_view received, Outgoing& message) {
    message.body = forge_receipt(std::get<AwaitingDelivery>(before), received, message.body, alter);
  });
}

std::function<void(Scene&)> has_factor_of(std::size_t size) {
  return [size](Scene& scene) { scene.terminal.identity.factor = SecretBytes(size); };
}

void edit(std::string& body, std::string_view from, std::string_view to) { body.replace(body.find(from), from.size(), to); }

void add_strangers(std::vector<Misbehaviour>& out) {
  add_both(out, "of a serial that nobody knows", [](Scene& scene) {
    scene.terminal = scene.device(dsn("TF10000099"), {scene.suite});
  }, "rki.unknown_dsn");
  add_both(out, "that is denied", [](Scene& scene) { scene.platform.terminals.at(kDsn.text()).record.denied = true; },
           "rki.denied_dsn");
  add_both(out, "that was denied during the conversation", sends("token", [](Scene& scene, const auto&, auto, Outgoing&) {
    scene.platform.terminals.at(kDsn.text()).record.denied = true;
  }), "rki.denied_dsn");
  add_both(out, "whose batch has no DIK1", [](Scene& scene) { scene.platform.without_dik1 = true; }, "rki.no_dik1");
  add_both(out, "with a serial in another spelling", sends("hello", [](Scene&, const auto&, auto, Outgoing& message) {
    edit(message.body, "TF10000001", "tf10000001");
  }), "wire.dsn");
  add_both(out, "with a serial and a space", sends("hello", [](Scene&, const auto&, auto, Outgoing& message) {
    edit(message.body, "TF10000001", "TF10000001 ");
  }), "wire.dsn");
  add_both(out, "that names no suite of ours", sends("hello", [](Scene& scene, const auto&, auto, Outgoing& message) {
    edit(message.body, name_of(scene.suite), "newest");
  }), "rki.no_common_suite");
  out.push_back({"with classic where the policy wants modern", Suite::classic,
                 [](Scene& scene) { scene.platform.admit(kDsn, "modern"); }, "rki.no_common_suite"});
  out.push_back({"with modern where the policy wants classic", Suite::modern,
                 [](Scene& scene) { scene.platform.admit(kDsn, "classic"); }, "rki.no_common_suite"});
  out.push_back({"with modern but without a certificate", Suite::modern,
                 [](Scene& scene) { scene.terminal.identity.device_chain.clear(); }, "rki.no_common_suite"});
  out.push_back({"with classic after it has used modern", Suite::classic, [](Scene& scene) {
                   EXPECT_OK(scene.device(kDsn, {Suite::modern}).download(scene.platform.exchange(), 1));
                 }, "rki.downgrade"});
}

void add_proofs(std::vector<Misbehaviour>& out) {
  add_both(out, "with a factor that is too short", has_factor_of(kFactorMin - 1), "rki.wrong_factor");
  add_both(out, "with a factor that is too long", has_factor_of(kFactorMax + 1), "rki.wrong_factor");
  out.push_back({"with another factor", Suite::modern, has_factor_of(16), "rki.wrong_dik2"});
  out.push_back({"with another DIK2", Suite::modern,
                 [](Scene& scene) { scene.terminal.identity.modern_dik2->reveal_mutable()[31] ^= 1; }, "rki.wrong_dik2"});
  out.push_back({"with a wrong MAC", Suite::modern, sends("proof", [](Scene&, const auto&, auto, Outgoing& message) {
                   ModernProof proof = must(decode_modern_proof(message.body));
                   proof.mac[0] ^= 1;
                   message.body = encode(proof);
                 }), "rki.wrong_dik2"});
  const auto sends_proof = [](const std::function<void(ProofPayload&)>& alter) {
    return sends("proof", [alter](Scene& scene, const TerminalState& before, std::string_view received, Outgoing& message) {
      message.body = encode(forge_proof(std::get<AwaitingServerHello>(before), received, scene.terminal.identity,
                                        scene.terminal_random, alter, scene.terminal.identity.factor.reveal()));
    });
  };
  out.push_back({"that signed another transcript", Suite::modern, sends_proof([](ProofPayload& payload) { payload.transcript[0] ^= 1; }),
                 "rki.transcript_differs"});
  out.push_back({"with a point off the curve", Suite::modern, sends_proof([](ProofPayload& payload) { payload.ephemeral[64] ^= 1; }),
                 "crypto.point"});
  out.push_back({"with a factor sealed for another key", Suite::modern, sends_proof([](ProofPayload& payload) {
                   payload.ephemeral = crypto::PrivateKey::generate_p256().public_key().point();
                 }), "crypto.aead"});
  out.push_back({"that signs with another key than its certificate's", Suite::modern, sends("proof", [](Scene& scene, const TerminalState& before, std::string_view received, Outgoing& message) {
                   scene.terminal.identity.device_key = crypto::PrivateKey::generate_p256();
                   message.body = encode(forge_proof(std::get<AwaitingServerHello>(before), received, scene.terminal.identity,
                                                     scene.terminal_random, [](ProofPayload&) {}, scene.terminal.identity.factor.reveal()));
                 }), "crypto.jws"});
  out.push_back({"with a factor that is no RSA ciphertext", Suite::classic, sends("proof", [](Scene&, const auto&, auto, Outgoing& message) {
                   ClassicProof proof = must(decode_classic_proof(message.body));
                   proof.factor[200] ^= 1;
                   message.body = encode(proof);
                 }), "crypto.oaep"});
}

void add_tokens(std::vector<Misbehaviour>& out) {
  add_both(out, "with another AT", sends_token([](SecretBytes& plain) { plain.reveal_mutable()[0] ^= 1; }), "rki.wrong_at");
  add_both(out, "with an AT of zeros", sends_token([](SecretBytes& plain) {
    std::ranges::fill(plain.reveal_mutable().first(kAtSize), std::uint8_t{0});
  }), "rki.wrong_at");
  add_both(out, "with a token that is too short", sends_token([](SecretBytes& plain) { plain.shorten(plain.size() - 1); }), "rki.token_size");
  add_both(out, "with nothing but AT", sends_token([](SecretBytes& plain) { plain.shorten(kAtSize); }), "rki.token_size");
  out.push_back({"with another hash of TK", Suite::classic,
                 sends_token([](SecretBytes& plain) { plain.reveal_mutable()[plain.size() - 1] ^= 1; }), "rki.wrong_tk_hash"});
  out.push_back({"with another TK2 than it hashed", Suite::classic,
                 sends_token([](SecretBytes& plain) { plain.reveal_mutable()[kAtSize] ^= 1; }), "rki.wrong_tk_hash"});
  out.push_back({"without its confirming MAC", Suite::classic, sends("token", [](Scene&, const auto&, auto, Outgoing& message) {
                   DeviceToken token = must(decode_device_token(message.body));
                   token.mac.reset();
                   message.body = encode(token);
                 }), "rki.token_size"});
  out.push_back({"with a MAC where none belongs", Suite::modern, sends("token", [](Scene&, const auto&, auto, Outgoing& message) {
                   DeviceToken token = must(decode_device_token(message.body));
                   token.mac = Hash256{};
                   message.body = encode(token);
                 }), "rki.token_size"});
  out.push_back({"that heard another conversation", Suite::classic, sends("token", [](Scene&, const auto&, auto, Outgoing& message) {
                   DeviceToken token = must(decode_device_token(message.body));
                   (*token.mac)[5] ^= 1;
                   message.body = encode(token);
                 }), "rki.transcript_differs"});
  add_both(out, "that asks for a part that does not exist", sends("hello", [](Scene&, const auto&, auto, Outgoing& message) {
    edit(message.body, "\"part\":1", "\"part\":2");
  }), "rki.no_such_part");
}

void add_receipts(std::vector<Misbehaviour>& out) {
  const auto wrong = [&out](const std::string& name, const std::function<void(Receipt&)>& alter) {
    add_both(out, name, sends_receipt(alter), "rki.wrong_receipt");
  };
  wrong("with another KCV in its receipt", [](Receipt& receipt) { receipt.keys[0].kcv = "000000"; });
  wrong("with a KCV in another spelling", [](Receipt& receipt) {
    for (InstalledKey& key : receipt.keys)
      for (char& c : key.kcv) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  });
  wrong("with another version in its receipt", [](Receipt& receipt) { receipt.keys[1].version = "02"; });
  wrong("with another usage in its receipt", [](Receipt& receipt) { receipt.keys[1].usage = "D0"; });
  wrong("with a key too few in its receipt", [](Receipt& receipt) { receipt.keys.pop_back(); });
  wrong("with a key twice in its receipt", [](Receipt& receipt) { receipt.keys.push_back(receipt.keys[0]); });
  wrong("with the keys in another order", [](Receipt& receipt) { std::swap(receipt.keys[0], receipt.keys[1]); });
  wrong("with an empty receipt", [](Receipt& receipt) { receipt.keys.clear(); });
  wrong("with the receipt of another set", [](Receipt& receipt) { receipt.set = 2; });
  wrong("with the receipt of another part", [](Receipt& receipt) { receipt.part = 2; });
  add_both(out, "with a receipt under another key", sends("receipt", [](Scene&, const auto&, auto, Outgoing& message) {
    const SessionMessage honest = must(decode_session_message(message.body, "receipt"));
    message.body = encode_wrapped(honest.session, "receipt", crypto::jws_sign_hs256(Hash256{}, typ::receipt, "{}"));
  }), "crypto.jws");
  add_both(out, "with a receipt of another type", sends("receipt", [](Scene&, const auto&, auto, Outgoing& message) {
    const SessionMessage honest = must(decode_session_message(message.body, "receipt"));
    message.body = encode_wrapped(honest.session, "receipt", crypto::jws_sign_hs256(Hash256{}, typ::ack, "{}"));
  }), "crypto.jose_header");
}

void add_disorder(std::vector<Misbehaviour>& out) {
  const auto on = [](std::string_view route, std::string_view instead) {
    return sends(route, [instead](Scene&, const auto&, auto, Outgoing& message) { message.route = instead; });
  };
  add_both(out, "that sends a token before its proof", on("proof", "token"), "rki.out_of_order");
  add_both(out, "that sends a receipt before its proof", on("proof", "receipt"), "rki.out_of_order");
  add_both(out, "that sends a receipt before its token", on("token", "receipt"), "rki.out_of_order");
  add_both(out, "that sends its proof twice", on("token", "proof"), "rki.out_of_order");
  add_both(out, "that sends its token twice", on("receipt", "token"), "rki.out_of_order");
  add_both(out, "on a route that does not exist", on("proof", "finish"), "rki.out_of_order");
  add_both(out, "in a conversation that never was", sends("proof", [](Scene& scene, const auto&, auto, Outgoing&) {
    scene.platform.conversations.clear();
  }), "rki.session_unknown");
}

std::vector<Misbehaviour> all() {
  std::vector<Misbehaviour> out;
  add_strangers(out);
  add_proofs(out);
  add_tokens(out);
  add_receipts(out);
  add_disorder(out);
  return out;
}

class MisbehavingTerminal : public ::testing::TestWithParam<Misbehaviour> {};
INSTANTIATE_TEST_SUITE_P(Named, MisbehavingTerminal, ::testing::ValuesIn(all()), misbehaviour_name);

TEST_P(MisbehavingTerminal, is_refused_with_the_exact_reason) {
  Scene scene(GetParam().suite);
  GetParam().prepare(scene);
  const auto actions_before = scene.platform.actions;
  EXPECT_FALSE(scene.terminal.converse(1, scene.platform.exchange()).has_value());
  EXPECT_EQ(scene.platform.last_refusal, GetParam().reason);
  EXPECT_EQ(scene.platform.broken_promise(), "");
  // A wrong receipt comes after the delivery; nothing becomes active by it.
  const std::ptrdiff_t receipts = std::ranges::count(scene.platform.actions, "rki.receipt");
  EXPECT_EQ(receipts, std::ranges::count(actions_before, "rki.receipt"));
  expect_recovery(scene);
}

}  // namespace
}  // namespace tf::rki::test
