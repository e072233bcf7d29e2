// The pages and the extension as files: what they may load, that each text is there in both languages, that a field has its label.
#include "platform/cardsign/pages/pages.hpp"

#include <regex>
#include <set>

#include "base/file.hpp"
#include "crypto/digest.hpp"
#include "tests/support/expect.hpp"
#include "wire/encoding.hpp"
#include "wire/json.hpp"

namespace tf::test {
namespace {

using Words = std::set<std::string>;

std::string file(const std::string& path) { return std::string(as_text(read_file(std::string(TRUSTFERRY_SOURCE_DIR) + "/" + path, 1 << 20).value())); }

Words all(const std::string& text, const char* expression) {
  Words out;
  const std::regex regex(expression);
  for (std::sregex_iterator it(text.begin(), text.end(), regex); it != std::sregex_iterator(); ++it) out.insert((*it)[1]);
  return out;
}

TEST(CardsignPages, are_served_by_their_paths_and_nothing_else_is) {
  for (const char* path : {"/cardsign/apply", "/cardsign/account", "/cardsign/pay", "/cardsign/pay/AAAAAAAAAAAAAAAAAAAAA_"}) {
    const auto found = platform::page(path);
    ASSERT_TRUE(found) << path;
    EXPECT_EQ(found->content_type, "text/html; charset=utf-8");
  }
  EXPECT_EQ(platform::page("/cardsign/static/page.css")->content_type, "text/css; charset=utf-8");
  EXPECT_EQ(platform::page("/cardsign/static/pay.js")->content_type, "text/javascript; charset=utf-8");
  for (const char* path : {"/", "/cardsign", "/cardsign/", "/cardsign/pay/", "/cardsign/pay/short", "/cardsign/pay/AAAAAAAAAAAAAAAAAAAA/.", "/cardsign/static/", "/cardsign/static/none.js",
                           "/cardsign/static/pay.html", "/cardsign/payAAAAAAAAAAAAAAAAAAAAAAA"})
    EXPECT_FALSE(platform::page(path)) << path;
}

TEST(CardsignPages, carry_no_script_and_no_style_inside_and_load_only_what_is_there) {
  EXPECT_NE(platform::page_headers().front().second.find("default-src 'none'"), std::string_view::npos);
  for (const char* path : {"/cardsign/apply", "/cardsign/account", "/cardsign/pay"}) {
    const std::string html(platform::page(path)->body);
    EXPECT_TRUE(all(html, R"((<script(?![^>]*src=)[^>]*>|<style|\son\w+=|\sstyle=|javascript:))").empty()) << path;
    for (const std::string& loaded : all(html, R"re((?:src|href)="([^"]+)")re")) EXPECT_TRUE(platform::page(loaded)) << loaded;
  }
  for (const char* name : {"account.js", "apply.js", "pay.js", "page.js", "session.js", "card.js", "texts.js"}) {
    const std::string script(platform::page(std::string("/cardsign/static/") + name)->body);
    for (const std::string& loaded : all(script, R"re(from '([^']+)')re")) EXPECT_TRUE(platform::page(loaded)) << name << " " << loaded;
    EXPECT_TRUE(all(script, R"((innerHTML|insertAdjacentHTML|document\.write|\beval\())").empty()) << name;
  }
}

TEST(CardsignPages, say_everything_in_both_languages) {
  const std::string texts(platform::page("/cardsign/static/texts.js")->body);
  const std::size_t zh = texts.find("\n  zh: {"), end = texts.find("\n};", zh);
  ASSERT_NE(zh, std::string::npos);
  const Words english = all(texts.substr(0, zh), R"(\n    (\w+):)"), chinese = all(texts.substr(zh, end - zh), R"(\n    (\w+):)");
  EXPECT_EQ(english, chinese);
  EXPECT_GT(english.size(), 60U);
  for (const char* path : {"/cardsign/apply", "/cardsign/account", "/cardsign/pay"})
    for (const std::string& name : all(std::string(platform::page(path)->body), R"re(data-text="([^"]+)")re")) EXPECT_TRUE(english.contains(name)) << name;
  // The reasons of the bridge and of the platform.
  for (const char* reason : {"busy", "no_service", "no_reader", "no_card", "removed", "reset", "in_use", "denied", "unresponsive", "display", "expired", "origin", "session", "superseded", "code",
                             "card", "certificate", "payment", "signature", "pin_blocked", "puk_blocked", "instrument"})
    EXPECT_TRUE(english.contains(std::string("error_") + reason)) << reason;
}

TEST(CardsignPages, every_field_has_its_label_and_what_happens_is_announced) {
  for (const char* path : {"/cardsign/apply", "/cardsign/account", "/cardsign/pay"}) {
    const std::string html(platform::page(path)->body);
    const Words labels = all(html, R"re(<label for="([^"]+)")re");
    for (const std::string& id : all(html, R"re(<(?:input|select) id="([^"]+)")re")) EXPECT_TRUE(labels.contains(id)) << path << " " << id;
    EXPECT_NE(html.find(R"(role="status" aria-live="polite")"), std::string::npos) << path;
    EXPECT_NE(html.find(R"(<html lang=")"), std::string::npos) << path;
  }
  for (const char* path : {"web/extension/confirm.html", "web/extension/unblock.html"}) {
    const std::string window = file(path);
    const Words fields = all(window, R"re(<input id="([^"]+)")re");
    EXPECT_FALSE(fields.empty()) << path;
    EXPECT_EQ(all(window, R"re(<label for="([^"]+)")re"), fields) << path;
    EXPECT_NE(window.find(R"(role="alert" aria-live="assertive")"), std::string::npos) << path;
    EXPECT_TRUE(all(window, R"((<input(?![^>]*type="password")[^>]*>))").empty()) << path << ": nobody reads it over a shoulder";
  }
}

TEST(CardsignExtension, says_everything_in_both_languages) {
  const auto names = [](const std::string& path) { return all(file(path), R"re(\n  "(\w+)": \{)re"); };
  const Words english = names("web/extension/_locales/en/messages.json");
  EXPECT_EQ(english, names("web/extension/_locales/zh_CN/messages.json"));
  for (const char* window : {"confirm", "unblock"}) {
    for (const std::string& name : all(file(std::string("web/extension/") + window + ".html"), R"re(data-text="([^"]+)")re")) EXPECT_TRUE(english.contains(name)) << name;
    for (const std::string& name : all(file(std::string("web/extension/") + window + ".js"), R"re(\b(?:text|open)\('(\w+)')re")) EXPECT_TRUE(english.contains(name)) << name;
  }
}

// The id is in the command line's default, in the guide and in the key of the manifest: SHA-256 of the key, sixteen octets as letters a to p.
TEST(CardsignExtension, its_key_gives_the_id_that_the_bridge_expects) {
  const Words keys = all(file("web/extension/manifest.json"), R"re("key": "([^"]+)")re");
  ASSERT_EQ(keys.size(), 1U);
  const auto key = wire::from_base64(*keys.begin());
  ASSERT_OK(key);
  const Hash256 hash = crypto::sha256(*key);
  std::string id;
  for (std::size_t i = 0; i < 16; ++i) (id += static_cast<char>('a' + (hash[i] >> 4))) += static_cast<char>('a' + (hash[i] & 15));
  EXPECT_NE(file("apps/trustferry/cardsign/cmd_bridge.cpp").find('"' + id + '"'), std::string::npos);
  EXPECT_NE(file("docs/browser.md").find(id), std::string::npos);
}

// What the content script lets through is what the worker has, and neither PIN nor PUK is in it or in a page.
TEST(CardsignExtension, a_page_has_no_operation_with_a_pin) {
  const std::string content = file("web/extension/content.js");
  EXPECT_NE(content.find("['readers', 'begin', 'transmit', 'confirm', 'unblock', 'end']"), std::string::npos);
  EXPECT_EQ(content.find("pin"), std::string::npos);
  EXPECT_EQ(content.find("puk"), std::string::npos);
  for (const char* name : {"card.js", "pay.js", "session.js"}) EXPECT_TRUE(all(std::string(platform::page(std::string("/cardsign/static/") + name)->body), R"(\b(puk)\b)").empty()) << name;
  EXPECT_EQ(all(file("web/extension/manifest.json"), R"re("(<all_urls>|tabs|scripting|storage|webRequest|externally_connectable|web_accessible_resources)")re"), Words{});
}

}  // namespace
}  // namespace tf::test
