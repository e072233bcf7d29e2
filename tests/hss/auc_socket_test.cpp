#include "hss/auc_socket.hpp"

#include <filesystem>
#include <set>

#include "tests/hss/datagram.hpp"
#include "tests/hss/scene.hpp"
#include "tests/support/local.hpp"
#include "wire/encoding.hpp"

namespace tf::hss::test {
namespace {

constexpr int kPatience = 20'000;

struct AucScene : Scene {
  AucScene() {
    must(centre->create({imsi_number(1), known_key()}));
    must(centre->create({imsi_number(2), key_number(2)}));
    socket = must(AucSocket::open({.path = path()}, *centre));
    peer = std::make_unique<Datagram>(directory.file("peer.sock"), path());
  }
  [[nodiscard]] std::string path() const { return directory.file("auc.sock"); }
  std::string ask(const std::string& text) const {
    EXPECT_TRUE(peer->send(text));
    return peer->receive(kPatience).value_or("nothing");
  }
  std::unique_ptr<AucSocket> socket;
  std::unique_ptr<Datagram> peer;
};

std::vector<std::string> words(const std::string& text) {
  std::vector<std::string> out;
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t end = std::min(text.find(' ', at), text.size());
    out.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return out;
}

crypto::AkaVector vector_in(const std::string& answer) {
  const auto parts = words(answer);
  crypto::AkaVector out;
  if (parts.size() != 7) {
    ADD_FAILURE() << answer;
    return out;
  }
  const auto fill = [](MutableByteView to, const std::string& hex) { std::ranges::copy(wire::from_hex(hex).value(), to.begin()); };
  fill(out.rand, parts[2]);
  fill(out.autn, parts[3]);
  fill(out.ik.reveal_mutable(), parts[4]);
  fill(out.ck.reveal_mutable(), parts[5]);
  fill(out.res.reveal_mutable(), parts[6]);
  return out;
}

TEST(AucSocket, gives_vectors_that_the_usim_takes) {
  const AucScene scene;
  Usim usim{known_key(), {}};
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(usim.takes(vector_in(scene.ask("AKA-REQ-AUTH 001010000000001"))));
  EXPECT_EQ(scene.socket->counts().answered, 3U);
}

TEST(AucSocket, says_failure_for_an_unknown_subscriber) {
  const AucScene scene;
  EXPECT_EQ(scene.ask("AKA-REQ-AUTH 001010000000009"), "AKA-RESP-AUTH 001010000000009 FAILURE");
  EXPECT_EQ(scene.socket->counts().failed, 1U);
}

TEST(AucSocket, follows_a_usim_that_is_ahead_and_not_a_forger) {
  const AucScene scene;
  Usim usim{known_key(), {}};
  for (std::uint64_t ind = 0; ind < crypto::kIndCount; ++ind) usim.sequence.accept(9000U << crypto::kIndBits | ind);
  const auto old = vector_in(scene.ask("AKA-REQ-AUTH 001010000000001"));
  const std::string auts = wire::hex_lower(usim.auts_for(old));
  std::string forged = auts;
  forged.back() = forged.back() == '0' ? '1' : '0';
  ASSERT_TRUE(scene.peer->send("AKA-AUTS 001010000000001 " + forged + " " + wire::hex_lower(old.rand)));
  EXPECT_FALSE(usim.takes(vector_in(scene.ask("AKA-REQ-AUTH 001010000000001"))));
  ASSERT_TRUE(scene.peer->send("AKA-AUTS 001010000000001 " + auts + " " + wire::hex_lower(old.rand)));
  EXPECT_TRUE(usim.takes(vector_in(scene.ask("AKA-REQ-AUTH 001010000000001"))));
  EXPECT_EQ(scene.socket->counts().resynchronised, 1U);
}

TEST(AucSocket, passes_over_what_it_does_not_understand) {
  const AucScene scene;
  for (const std::string& bad : {std::string("SIM-REQ-AUTH 001010000000001 3"), std::string(2000, 'x'), std::string("AKA-REQ-AUTH"), std::string("\0", 1)})
    ASSERT_TRUE(scene.peer->send(bad));
  EXPECT_EQ(words(scene.ask("AKA-REQ-AUTH 001010000000001")).size(), 7U);
  EXPECT_EQ(scene.socket->counts().malformed, 4U);
}

TEST(AucSocket, each_asker_gets_his_own_answers) {
  const AucScene scene;
  const Datagram other(scene.directory.file("other.sock"), scene.path());
  std::set<std::string> autns;
  for (int i = 0; i < 8; ++i) {
    ASSERT_TRUE(scene.peer->send("AKA-REQ-AUTH 001010000000001"));
    ASSERT_TRUE(other.send("AKA-REQ-AUTH 001010000000002"));
  }
  for (int i = 0; i < 8; ++i) {
    const auto ours = words(scene.peer->receive(kPatience).value_or(""));
    const auto theirs = words(other.receive(kPatience).value_or(""));
    ASSERT_EQ(ours.size(), 7U);
    ASSERT_EQ(theirs.size(), 7U);
    EXPECT_EQ(ours[1], "001010000000001");
    EXPECT_EQ(theirs[1], "001010000000002");
    autns.insert(ours[3]);
    autns.insert(theirs[3]);
  }
  EXPECT_EQ(autns.size(), 16U);
}

TEST(AucSocket, one_that_went_away_does_not_hold_up_the_others) {
  const AucScene scene;
  {
    const Datagram gone(scene.directory.file("gone.sock"), scene.path());
    ASSERT_TRUE(gone.send("AKA-REQ-AUTH 001010000000002"));
  }
  EXPECT_EQ(words(scene.ask("AKA-REQ-AUTH 001010000000001")).size(), 7U);
}

TEST(AucSocket, tells_what_happened_to_whom) {
  Scene scene;
  must(scene.centre->create({imsi_number(1), known_key()}));
  std::mutex mutex;
  std::vector<std::string> told;
  const auto socket = must(AucSocket::open({.path = scene.directory.file("auc.sock"),
                                            .told =
                                                [&](const AucEvent& event) {
                                                  const std::scoped_lock lock(mutex);
                                                  told.push_back(event.imsi.text() + (event.outcome ? " ok" : std::string(" ") + event.outcome.error().reason));
                                                }},
                                           *scene.centre));
  const Datagram peer(scene.directory.file("peer.sock"), scene.directory.file("auc.sock"));
  for (const char* text : {"AKA-REQ-AUTH 001010000000001", "AKA-REQ-AUTH 001010000000002"}) {
    ASSERT_TRUE(peer.send(text));
    ASSERT_TRUE(peer.receive(kPatience));
  }
  ASSERT_TRUE(peer.send("AKA-AUTS 001010000000001 000102030405060708090a0b0c0d 101112131415161718191a1b1c1d1e1f"));
  const auto complete = [&] {
    const std::scoped_lock lock(mutex);
    return told.size() == 3;
  };
  ASSERT_TRUE(tf::test::eventually(complete));
  const std::vector<std::string> expected{"001010000000001 ok", "001010000000002 hss.no_such_subscriber", "001010000000001 hss.auts"};
  EXPECT_EQ(told, expected);
}

TEST(AucSocket, takes_the_place_of_a_file_left_over_and_not_of_a_listener) {
  AucScene scene;
  EXPECT_REFUSED(AucSocket::open({.path = scene.path()}, *scene.centre), Code::conflict, "hss.auc_in_use");
  scene.socket.reset();
  EXPECT_FALSE(std::filesystem::exists(scene.path()));
  {
    const Datagram left(scene.directory.file("left.sock"), scene.directory.file("nobody"));
    std::filesystem::rename(scene.directory.file("left.sock"), scene.path());
  }
  EXPECT_OK(AucSocket::open({.path = scene.path()}, *scene.centre));
  tf::test::write_text(scene.path(), "not a socket");
  EXPECT_REFUSED(AucSocket::open({.path = scene.path()}, *scene.centre), Code::conflict, "hss.auc_in_use");
  EXPECT_REFUSED(AucSocket::open({.path = "/tmp/" + std::string(200, 'x')}, *scene.centre), Code::invalid, "hss.auc_socket");
}

TEST(AucSocket, is_its_owners_alone) {
  const AucScene scene;
  EXPECT_EQ(std::filesystem::status(scene.path()).permissions(), std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
}

}  // namespace
}  // namespace tf::hss::test
