#include "platform/config.hpp"

#include "base/file.hpp"
#include "platform/config/table.hpp"
#include "tests/support/expect.hpp"
#include "tests/support/estate.hpp"

namespace tf::platform::test {
namespace {

using testing::HasSubstr;

Result<Config> read_text(const std::string& text) {
  const tf::test::TemporaryDirectory directory;
  tf::test::must(write_file_atomic(directory.file("platform.toml"), as_bytes(text), 0644));
  return read_config(directory.file("platform.toml"));
}

struct Bad {
  const char* name;
  const char* text;
  const char* reason;
  const char* says;
};
class BadConfig : public testing::TestWithParam<Bad> {};
INSTANTIATE_TEST_SUITE_P(Files, BadConfig, testing::Values(
    Bad{"unknown_table", "[servers]\nworkers = 4\n", "config.unknown_key", R"(line 1: there is no setting "servers")"},
    Bad{"unknown_at_the_top", "workers = 4\n", "config.unknown_key", R"("workers")"},
    Bad{"unknown_in_server", "[server]\nworker = 4\n", "config.unknown_key", R"(line 2: there is no setting "server.worker")"},
    Bad{"unknown_in_rki", "[rki]\n\nconversation = 4\n", "config.unknown_key", R"(line 3: there is no setting "rki.conversation")"},
    Bad{"unknown_in_audit", "[audit]\ncheckpoints_every = 4\n", "config.unknown_key", R"("audit.checkpoints_every")"},
    Bad{"unknown_in_a_group", "[rki.groups.airport]\nkey = [\"pin\"]\n", "config.unknown_key", R"("rki.groups.airport.key")"},
    Bad{"grace_in_a_group", "[rki.groups.airport]\ngrace_hours = 1\n", "config.unknown_key", R"("rki.groups.airport.grace_hours")"},
    Bad{"no_toml", "[server\n", "config.syntax", "line 1"},
    Bad{"twice", "[server]\nworkers = 1\nworkers = 2\n", "config.syntax", "line 3"},
    Bad{"server_is_no_table", "server = 1\n", "config.value", "server is a table"},
    Bad{"groups_is_no_table", "[rki]\ngroups = 1\n", "config.value", "groups is a table"},
    Bad{"group_is_no_table", "[rki.groups]\nairport = 1\n", "config.value", "a group is a table"},
    Bad{"workers_zero", "[server]\nworkers = 0\n", "config.value", "line 2: workers is a number from 1 to 1024"},
    Bad{"workers_many", "[server]\nworkers = 1025\n", "config.value", "workers"},
    Bad{"workers_text", "[server]\nworkers = \"64\"\n", "config.value", "workers"},
    Bad{"workers_float", "[server]\nworkers = 64.0\n", "config.value", "workers"},
    Bad{"connections_negative", "[server]\nconnections = -1\n", "config.value", "connections"},
    Bad{"stop_seconds_many", "[server]\nstop_seconds = 301\n", "config.value", "stop_seconds"},
    Bad{"conversations_zero", "[rki]\nconversations = 0\n", "config.value", "conversations"},
    Bad{"grace_negative", "[rki]\ngrace_hours = -1\n", "config.value", "grace_hours"},
    Bad{"checkpoint_zero", "[audit]\ncheckpoint_every = 0\n", "config.value", "checkpoint_every"},
    Bad{"keys_text", "[rki]\nkeys = \"pin\"\n", "config.value", "keys is a list of strings"},
    Bad{"keys_of_numbers", "[rki]\nkeys = [1]\n", "config.value", "keys is a list of strings"},
    Bad{"keys_unknown", "[rki]\nkeys = [\"pni\"]\n", "rki.unknown_slot", "pni"},
    Bad{"keys_twice", "[rki]\nkeys = [\"pin\", \"pin\"]\n", "rki.key_set", "pin"},
    Bad{"keys_none", "[rki]\nkeys = []\n", "rki.key_set", ""},
    Bad{"part_of_nothing", "[rki]\nkeys_per_part = 0\n", "config.value", "keys_per_part"},
    Bad{"part_too_large", "[rki.groups.g]\nkeys_per_part = 9\n", "config.value", "keys_per_part"},
    Bad{"tls_old", "[server]\ntls_min = \"1.1\"\n", "config.value", "tls_min"},
    Bad{"tls_number", "[server]\ntls_min = 1.3\n", "config.value", "tls_min"},
    Bad{"names_text", "[server]\nnames = \"localhost\"\n", "config.value", "names"},
    Bad{"listen_number", "[server]\nterminals = 8443\n", "config.value", "terminals"},
    Bad{"listen_without_port", "[server]\nterminals = \"127.0.0.1\"\n", "config.listen", "127.0.0.1"},
    Bad{"listen_without_address", "[server]\nadmin = \":8444\"\n", "config.listen", ":8444"},
    Bad{"listen_empty_port", "[server]\nadmin = \"127.0.0.1:\"\n", "config.listen", ""},
    Bad{"listen_port_too_high", "[server]\nadmin = \"127.0.0.1:65536\"\n", "config.listen", ""},
    Bad{"listen_port_of_letters", "[server]\nadmin = \"127.0.0.1:84x4\"\n", "config.listen", ""},
    Bad{"listen_port_with_sign", "[server]\nadmin = \"127.0.0.1:-1\"\n", "config.listen", ""}),
    [](const auto& info) { return std::string(info.param.name); });

TEST_P(BadConfig, is_refused_by_name) {
  const auto config = read_text(GetParam().text);
  ASSERT_FALSE(config.has_value()) << "was taken";
  EXPECT_STREQ(config.error().reason, GetParam().reason) << config.error().detail;
  EXPECT_THAT(config.error().detail, HasSubstr(GetParam().says));
}

void expect_same(const Config& a, const Config& b) {
  EXPECT_EQ(a.terminals.text(), b.terminals.text());
  EXPECT_EQ(a.admin.text(), b.admin.text());
  EXPECT_EQ(a.names, b.names);
  EXPECT_EQ(a.tls12, b.tls12);
  EXPECT_EQ(a.workers, b.workers);
  EXPECT_EQ(a.connections, b.connections);
  EXPECT_EQ(a.stop_seconds, b.stop_seconds);
  EXPECT_EQ(a.conversations, b.conversations);
  EXPECT_EQ(a.grace_hours, b.grace_hours);
  EXPECT_EQ(a.checkpoint_every, b.checkpoint_every);
  EXPECT_EQ(a.key_set.slots, b.key_set.slots);
  EXPECT_EQ(a.key_set.keys_per_part, b.key_set.keys_per_part);
}

TEST(ConfigFile, that_is_missing_or_empty_gives_the_defaults) {
  expect_same(tf::test::must(read_config("/nonexistent/platform.toml")), Config());
  expect_same(tf::test::must(read_text("")), Config());
  expect_same(tf::test::must(read_text("[server]\n[rki]\n[audit]\n")), Config());
  EXPECT_EQ(Config().grace_hours, 24);
  EXPECT_FALSE(Config().tls12);
}

TEST(ConfigFile, that_init_writes_says_what_is_in_force) {
  Config config;
  expect_same(tf::test::must(read_text(default_config_text(config))), config);
  config.terminals = {"0.0.0.0", 1};
  config.admin = {"::1", 65535};
  config.names = {"rki.example.org", "10.0.0.1"};
  config.tls12 = true;
  config.workers = 3;
  config.connections = 5;
  config.stop_seconds = 7;
  config.conversations = 9;
  config.grace_hours = 0;
  config.checkpoint_every = 11;
  config.key_set = tf::test::must(rki::KeySetPlan::make({"mac", "pin"}, 1));
  expect_same(tf::test::must(read_text(default_config_text(config))), config);
}

TEST(ConfigFile, gives_groups_a_set_of_their_own) {
  const Config config = tf::test::must(read_text(R"(
[rki]
keys_per_part = 3
[rki.groups.airport]
keys = ["mac", "pin"]
[rki.groups.shop]
keys_per_part = 1
)"));
  using rki::Slot;
  EXPECT_EQ(config.plan_for("airport").slots, (std::vector{Slot::pin, Slot::mac}));
  EXPECT_EQ(config.plan_for("airport").keys_per_part, 3);
  EXPECT_EQ(config.plan_for("shop").slots.size(), 4U);
  EXPECT_EQ(config.plan_for("shop").part_of(3), 4);
  EXPECT_EQ(config.plan_for("elsewhere").keys_per_part, 3);
  EXPECT_EQ(config.plan_for("elsewhere").slots.size(), 4U);
}

TEST(ConfigFile, that_cannot_be_read_is_not_the_defaults) {
  const tf::test::TemporaryDirectory directory;
  EXPECT_REFUSED(read_config(directory.file("")), Code::invalid, "config.syntax");
}

// --- [cardsign] ----------------------------------------------------------------------------------------------------------

TEST(CardsignSettings, are_read_as_they_are_written) {
  const Config config = tf::test::must(read_text("[wallet]\nname = \"pay.example\"\n[cardsign]\nslots = [\"payment\", \"card\"]\nsuites = [\"modern\", \"classic\"]\nkeys = \"RSA\"\nsealed = \"yes\"\ncode_hours = 5\n"));
  ASSERT_TRUE(config.cardsign);
  EXPECT_EQ(config.cardsign->name, "pay.example");
  EXPECT_EQ(config.cardsign->policy.wanted(), (std::vector{cardsign::Slot::payment, cardsign::Slot::card, cardsign::Slot::hash}));
  EXPECT_TRUE(config.cardsign->policy.rsa && config.cardsign->policy.sealed && config.cardsign->policy.classic);
  const std::string text = configuration::text_of(*config.cardsign);
  EXPECT_EQ(configuration::text_of(*tf::test::must(read_text("[wallet]\n" + text)).cardsign), text);
}

TEST(CardsignSettings, want_a_wallet_a_payment_slot_and_known_words) {
  for (const char* text : {"[cardsign]\n", "[wallet]\n[cardsign]\nslots = [\"card\"]\n", "[wallet]\n[cardsign]\nslots = [\"payment\", \"hash\"]\n", "[wallet]\n[cardsign]\nslots = [\"payment\", \"payment\"]\n",
                           "[wallet]\n[cardsign]\nsuites = [\"classic\"]\n", "[wallet]\n[cardsign]\nsealed = \"perhaps\"\n"})
    EXPECT_REFUSED(read_text(text), Code::invalid, "config.value");
  EXPECT_REFUSED(read_text("[wallet]\n[cardsign]\nother = 1\n"), Code::invalid, "config.unknown_key");
}

// --- [wallet] ------------------------------------------------------------------------------------------------------------

constexpr const char* kNetwork = R"([wallet]
keys_ahead = 500
decide_minutes = 20
[wallet.front_ends.network]
kind = "acp"
url = "https://gateway.example"
phone_signers_file = "phone.pem"
direct = "yes"
)";

TEST(WalletSettings, are_read_as_they_are_written) {
  const Config config = tf::test::must(read_text(kNetwork));
  ASSERT_TRUE(config.wallet);
  EXPECT_EQ(config.wallet->keys_ahead, 500);
  EXPECT_EQ(config.wallet->decide_minutes, 20);
  ASSERT_EQ(config.wallet->front_ends.size(), 1U);
  EXPECT_TRUE(config.wallet->front_ends[0].direct);
  const std::string text = configuration::text_of(*config.wallet);
  EXPECT_EQ(configuration::text_of(*tf::test::must(read_text(text)).wallet), text);
}

TEST(WalletSettings, leave_the_direct_path_closed_and_a_quarter_of_an_hour_before_a_decision) {
  const Config config = tf::test::must(read_text("[wallet]\n[wallet.front_ends.network]\nkind = \"acp\"\nurl = \"https://gateway.example\"\n"));
  EXPECT_FALSE(config.wallet->front_ends[0].direct);
  EXPECT_EQ(config.wallet->decide_minutes, 15);
  EXPECT_FALSE(read_text("").value().wallet);
}

TEST(WalletSettings, open_the_direct_path_only_to_a_gateway_whose_word_to_phones_can_be_verified) {
  std::string text = kNetwork;
  const auto without = [&](const std::string& line) {
    std::string out = text;
    return out.erase(out.find(line), line.size());
  };
  EXPECT_REFUSED(read_text(without("phone_signers_file = \"phone.pem\"\n")), Code::invalid, "config.value");
  text.replace(text.find("\"acp\""), 5, "\"ewallet\"");
  EXPECT_REFUSED(read_text(text), Code::invalid, "config.value");
  text = kNetwork;
  text.replace(text.find("\"yes\""), 5, "\"perhaps\"");
  EXPECT_REFUSED(read_text(text), Code::invalid, "config.value");
  text = kNetwork;
  text.replace(text.find("= 20"), 4, "= -1");
  EXPECT_REFUSED(read_text(text), Code::invalid, "config.value");
}

}  // namespace
}  // namespace tf::platform::test
