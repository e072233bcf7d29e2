// Deliveries and acknowledgements of a platform that has all the keys of the conversation and still does wrong: the
// device refuses, installs nothing, and keeps the old keys in use.
#include "crypto/banking/key_check_value.hpp"
#include "tests/rki/forge.hpp"
#include "tests/rki/misbehaviour.hpp"

namespace tf::rki::test {
namespace {

using Alter = std::function<void(ForgedDelivery&)>;

std::function<void(Scene&)> delivers(const Alter& alter) {
  return [alter](Scene& scene) {
    scene.platform.tamper = [&scene, alter](const PlatformState& before, std::string_view request, PlatformStep& step) {
      if (const auto* state = std::get_if<ExpectToken>(&before))
        step.reply = forge_delivery(scene, *state, request, std::get<ExpectReceipt>(step.next), step.reply, alter);
    };
  };
}

std::function<void(Scene&)> acknowledges(std::string_view kind, const std::function<void(Ack&)>& alter,
                                         bool right_key) {
  return [kind, alter, right_key](Scene& scene) {
    scene.platform.tamper = [kind, alter, right_key](const PlatformState& before, std::string_view request,
                                                     PlatformStep& step) {
      const auto* state = std::get_if<ExpectReceipt>(&before);
      if (state == nullptr) return;
      Transcript transcript = state->transcript;
      transcript.add(request);
      Ack ack{state->expected.set, state->expected.part};
      alter(ack);
      const Secret<32> key =
          transport_subkey(state->suite, state->tk, right_key ? "rki ack mac" : "rki receipt mac", transcript.hash());
      step.reply = encode_wrapped("ack", crypto::jws_sign_hs256(key.reveal(), kind, encode(ack)));
    };
  };
}

// The right key of the slot, but another header around it.
Alter with_header(Slot slot, const std::function<void(crypto::KeyBlockHeader&)>& change) {
  return [slot, change](ForgedDelivery& forged) {
    auto header = forged.header(slot);
    change(header);
    forged.put(slot, header, forged.fresh_key(shape_of(forged.suite).size));
  };
}

SecretBytes degenerate(ForgedDelivery& forged, std::size_t equal_from, std::size_t equal_to) {
  SecretBytes key = forged.fresh_key(24);
  std::ranges::copy(key.reveal().subspan(equal_from, 8),
                    key.reveal_mutable().begin() + static_cast<std::ptrdiff_t>(equal_to));
  return key;
}

void add_blocks(std::vector<Misbehaviour>& out) {
  const auto wrong = [&out](const std::string& name, const Alter& alter) {
    add_both(out, name, delivers(alter), "rki.key_for_another_use");
  };
  wrong("with the PIN key in the MAC slot",
        [](ForgedDelivery& forged) { std::swap(forged.delivery.keys[1].block, forged.delivery.keys[2].block); });
  wrong("with a block for another usage", with_header(Slot::mac, [](auto& header) { header.usage = "P0"; }));
  wrong("with a block for another mode", with_header(Slot::mac, [](auto& header) { header.mode = 'N'; }));
  wrong("with a block of another version", with_header(Slot::pin, [](auto& header) { header.key_version = "02"; }));
  wrong("with a block without a version", with_header(Slot::pin, [](auto& header) { header.key_version = "00"; }));
  wrong("with an exportable key", with_header(Slot::tmk, [](auto& header) { header.exportability = 'E'; }));
  wrong("with a trusted exportable key", with_header(Slot::data, [](auto& header) { header.exportability = 'S'; }));
  wrong("with a block that says more",
        with_header(Slot::data, [](auto& header) { header.options.push_back({"LB", "more"}); }));
    wrong("with a key that is too short",
          [](ForgedDelivery& forged) { forged.put(Slot::tmk, forged.header(Slot::tmk), forged.fresh_key(16)); });
    wrong("with the keys of another set", [](ForgedDelivery& forged) { forged.delivery.set = 2; });
    const auto other = [&out](const std::string& name, const Alter& alter) {
      add_both(out, name, delivers(alter), "crypto.key_block_mac");
    };
    other("with a block under another key", [](ForgedDelivery& forged) {
      forged.put(Slot::tmk, forged.header(Slot::tmk), forged.fresh_key(shape_of(forged.suite).size),
                 forged.fresh_key(forged.kbpk.size()));
    });
    other("with an altered header", [](ForgedDelivery& forged) { forged.delivery.keys[1].block[11] = 'E'; });
    other("with an altered MAC", [](ForgedDelivery& forged) {
      char& last = forged.delivery.keys[1].block.back();
      last = last == '0' ? '1' : '0';
    });
    add_one(out, "with a working key beside its master key", Suite::classic, delivers([](ForgedDelivery& forged) {
              forged.put(Slot::pin, forged.header(Slot::pin), forged.fresh_key(24), forged.kbpk);
            }),
            "crypto.key_block_mac");
    for (const auto& [name, from, to] : {std::tuple{"single", 0U, 8U}, {"outer", 0U, 16U}, {"inner", 8U, 16U}})
      add_one(out, std::string("with a degenerate key, ") + name, Suite::classic,
              delivers([from, to](ForgedDelivery& forged) {
                forged.put(Slot::pin, forged.header(Slot::pin), degenerate(forged, from, to));
              }),
              "rki.degenerate_key");
}

void add_sets(std::vector<Misbehaviour>& out) {
    add_both(out, "with a slot twice",
             delivers([](ForgedDelivery& forged) { forged.delivery.keys.push_back(forged.delivery.keys[0]); }),
             "rki.slot_twice");
    add_both(out, "without keys", delivers([](ForgedDelivery& forged) { forged.delivery.keys.clear(); }),
             "rki.empty_delivery");
    add_both(out, "of another part",
             delivers([](ForgedDelivery& forged) { forged.delivery.part = forged.delivery.of = 2; }), "rki.other_part");
    add_both(out, "of part 2 of 1", delivers([](ForgedDelivery& forged) { forged.delivery.part = 2; }),
             "wire.json_member");
    add_both(out, "of set 0", delivers([](ForgedDelivery& forged) { forged.delivery.set = 0; }), "wire.json_member");
    add_both(out, "of set 1296", delivers([](ForgedDelivery& forged) { forged.delivery.set = 36 * 36; }),
             "wire.json_member");
    add_both(out, "with nine keys", delivers([](ForgedDelivery& forged) {
               while (forged.delivery.keys.size() < 9) forged.delivery.keys.push_back(forged.delivery.keys[0]);
             }),
             "wire.json_member");
}

void add_acknowledgements(std::vector<Misbehaviour>& out) {
    add_both(out, "with an acknowledgement of another set",
             acknowledges(typ::ack, [](Ack& ack) { ack.set = 2; }, true), "rki.other_ack");
    add_both(out, "with an acknowledgement of another part",
             acknowledges(typ::ack, [](Ack& ack) { ack.part = 2; }, true), "rki.other_ack");
    add_both(out, "with an acknowledgement under another key",
             acknowledges(typ::ack, [](Ack&) {}, false), "crypto.jws");
    add_both(out, "with an acknowledgement of another type",
             acknowledges(typ::delivery, [](Ack&) {}, true), "crypto.jose_header");
}

std::vector<Misbehaviour> of_deliveries() {
    std::vector<Misbehaviour> out;
    add_blocks(out);
    add_sets(out);
    add_acknowledgements(out);
    return out;
}

class MisbehavingDelivery : public ::testing::TestWithParam<Misbehaviour> {};
INSTANTIATE_TEST_SUITE_P(Named, MisbehavingDelivery, ::testing::ValuesIn(of_deliveries()), misbehaviour_name);

TEST_P(MisbehavingDelivery, is_refused_with_the_exact_reason) {
    Scene scene(GetParam().suite);
    GetParam().prepare(scene);
    const auto finished = scene.terminal.converse(1, scene.platform.exchange());
    EXPECT_REASON(finished, GetParam().reason.c_str());
    EXPECT_TRUE(scene.terminal.in_use.empty());
    const bool was_delivered = GetParam().name.contains("acknowledgement");
    EXPECT_EQ(scene.terminal.arrived.size(), was_delivered ? 4U : 0U);
    EXPECT_EQ(scene.platform.broken_promise(), "");
    expect_recovery(scene);
}

TEST_P(MisbehavingDelivery, leaves_the_old_keys_in_use) {
    Scene scene(GetParam().suite);
    EXPECT_OK(scene.terminal.download(scene.platform.exchange(), 1));
    std::map<Slot, std::string> before;
    for (const auto& [slot, key] : scene.terminal.in_use) before[slot] = key.kcv;
    GetParam().prepare(scene);
    EXPECT_FALSE(scene.terminal.converse(1, scene.platform.exchange()).has_value());
    for (const auto& [slot, key] : scene.terminal.in_use) EXPECT_EQ(key.kcv, before.at(slot));
    EXPECT_EQ(scene.terminal.in_use.size(), 4U);
    scene.expect_agreement();
}

// The forger of these tests changes nothing but what it says: unchanged, its delivery is taken.
TEST(ForgedDeliveries, are_taken_when_nothing_is_wrong_with_them) {
    for (const Suite suite : {Suite::classic, Suite::modern}) {
      Scene scene(suite);
      delivers([](ForgedDelivery&) {})(scene);
      EXPECT_OK(scene.terminal.converse(1, scene.platform.exchange()));
      scene.expect_agreement();
    }
}

}  // namespace
}  // namespace tf::rki::test
