// Signature wrapping and its relatives: something is signed, and something else is meant to be read.
#include "tests/xml/security_support.hpp"

namespace tf::xml::test {
namespace {

constexpr std::string_view kDeclaration = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";

class Wrapping : public testing::Test {
 protected:
  const std::string good = signed_envelope(p256_operator(), false);
  const std::string whole = good.substr(kDeclaration.size());
  const std::string signature = part(good, "<Signature", "</Signature>");
  const std::string unsigned_part = with(whole, signature, "");
  // What the attacker wants to be believed.
  const std::string evil = with(unsigned_part, "DSIM-0001", "DSIM-6666");
  [[nodiscard]] std::string evil_with(std::string_view inside) const { return with(evil, "</Envelope>", std::string(inside) + "</Envelope>"); }
};

TEST_F(Wrapping, the_ground_is_right) {
  ASSERT_OK(verify_text(good));
  ASSERT_OK(verify_text(with(unsigned_part, "</Envelope>", signature + "</Envelope>")));
  EXPECT_REFUSED(verify_text(evil_with(signature)), Code::refused, "xml.signature");
  EXPECT_REFUSED(verify_text(unsigned_part), Code::refused, "xml.signature_missing");
}

TEST_F(Wrapping, a_signed_envelope_inside_another_is_not_the_other) {
  EXPECT_REFUSED(verify_text(evil_with(whole)), Code::refused, "xml.duplicate_id");
  EXPECT_REFUSED(verify_text(with(evil_with(whole), "Id=\"envelope\"", "Id=\"evil\"")), Code::refused, "xml.root");
  EXPECT_REFUSED(verify_text(with(evil_with(whole), " Id=\"envelope\"", "")), Code::refused, "xml.root");
  EXPECT_REFUSED(verify_text("<Wrapper xmlns=\"urn:trustferry:onboard:1\">" + whole + "</Wrapper>"), Code::refused, "xml.root");
  EXPECT_REFUSED(verify_text("<Envelope xmlns=\"urn:evil\" Id=\"envelope\">" + whole + "</Envelope>"), Code::refused, "xml.root");
}

TEST_F(Wrapping, a_signature_taken_out_of_the_signed_envelope_beside_it) {
  EXPECT_REFUSED(verify_text(evil_with(signature + unsigned_part)), Code::refused, "xml.duplicate_id");
  EXPECT_REFUSED(verify_text(evil_with(unsigned_part + signature)), Code::refused, "xml.duplicate_id");
  for (const char* id : {"ID=\"envelope\"", "id=\"envelope\"", "xml:id=\"envelope\""}) {
    // The same Id under another spelling of the attribute, on either of the two.
    const std::string other = with(unsigned_part, "Id=\"envelope\"", id);
    { SCOPED_TRACE(id); EXPECT_REFUSED(verify_text(evil_with(signature + other)), Code::refused, "xml.duplicate_id"); }
    { SCOPED_TRACE(id); EXPECT_REFUSED(verify_text(with(evil_with(signature + unsigned_part), "Id=\"envelope\"", id)), Code::refused, "xml.root"); }
  }
}

TEST_F(Wrapping, the_signed_envelope_as_an_object_of_its_signature) {
  const std::string with_object = with(signature, "</Signature>", "<Object>" + unsigned_part + "</Object></Signature>");
  EXPECT_REFUSED(verify_text(evil_with(with_object)), Code::refused, "xml.duplicate_id");
  const std::string empty_object = with(signature, "</Signature>", "<Object/></Signature>");
  EXPECT_REFUSED(verify_text(with(whole, signature, empty_object)), Code::refused, "xml.signature_form");
  const std::string manifest = with(signature, "</Signature>", "<Object><Manifest/></Object></Signature>");
  EXPECT_REFUSED(verify_text(with(whole, signature, manifest)), Code::refused, "xml.signature_form");
}

TEST_F(Wrapping, the_signature_anywhere_but_below_the_root) {
  EXPECT_REFUSED(verify_text(with(unsigned_part, "</Header>", signature + "</Header>")), Code::refused, "xml.signature_place");
  EXPECT_REFUSED(verify_text(with(whole, signature, signature + signature)), Code::refused, "xml.signature_repeated");
  EXPECT_REFUSED(verify_text(with(whole, "</Header>", signature + "</Header>")), Code::refused, "xml.signature_repeated");
}

TEST_F(Wrapping, references_to_anything_but_the_root) {
  for (const char* uri : {"", "#other", "#xpointer(/)", "#xpointer(id('envelope'))", "envelope", "file:///etc/passwd", "http://127.0.0.1/", "#envelope "})
    { SCOPED_TRACE(uri); EXPECT_REFUSED(verify_text(with(good, "URI=\"#envelope\"", "URI=\"" + std::string(uri) + "\"")), Code::refused, "xml.reference"); }
  EXPECT_REFUSED(verify_text(with(good, " URI=\"#envelope\"", "")), Code::refused, "xml.reference");
  EXPECT_REFUSED(verify_text(with(good, "URI=\"#envelope\"", "URI=\"#envelope\" Type=\"http://www.w3.org/2000/09/xmldsig#Object\"")), Code::refused,
                 "xml.reference");
  const std::string reference = part(good, "<Reference", "</Reference>");
  EXPECT_REFUSED(verify_text(with(good, reference, reference + reference)), Code::refused, "xml.signature_form");
  EXPECT_REFUSED(verify_text(with(good, reference, "")), Code::refused, "xml.signature_form");
}

TEST_F(Wrapping, transforms_that_select_or_compute) {
  const std::string transforms = part(good, "<Transforms>", "</Transforms>");
  const std::string enveloped = "<Transform Algorithm=\"http://www.w3.org/2000/09/xmldsig#enveloped-signature\"/>";
  const std::string exclusive = "<Transform Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#\"/>";
  ASSERT_EQ(transforms, "<Transforms>" + enveloped + exclusive + "</Transforms>");
  const std::vector<std::string> bad = {
      "", enveloped, exclusive, exclusive + enveloped, enveloped + enveloped, enveloped + exclusive + exclusive,
      enveloped + "<Transform Algorithm=\"http://www.w3.org/TR/1999/REC-xpath-19991116\"><XPath>self::node()[1=2]</XPath></Transform>" + exclusive,
      enveloped + "<Transform Algorithm=\"http://www.w3.org/TR/1999/REC-xslt-19991116\"/>",
      enveloped + "<Transform Algorithm=\"http://www.w3.org/2000/09/xmldsig#base64\"/>",
      enveloped + "<Transform Algorithm=\"http://www.w3.org/TR/2001/REC-xml-c14n-20010315\"/>",
      enveloped + "<Transform Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#WithComments\"/>",
      enveloped + "<Transform Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#\"><InclusiveNamespaces xmlns=\"http://www.w3.org/2001/10/xml-exc-c14n#\" "
                  "PrefixList=\"a\"/></Transform>"};
  for (const std::string& each : bad)
    { SCOPED_TRACE(each); EXPECT_REFUSED(verify_text(with(good, transforms, "<Transforms>" + each + "</Transforms>")), Code::refused, "xml.algorithm"); }
}

TEST_F(Wrapping, weak_and_confused_algorithms) {
  const std::string ecdsa = "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256";
  for (const char* method : {"http://www.w3.org/2001/04/xmldsig-more#hmac-sha256", "http://www.w3.org/2000/09/xmldsig#hmac-sha1",
                             "http://www.w3.org/2000/09/xmldsig#rsa-sha1", "http://www.w3.org/2000/09/xmldsig#dsa-sha1",
                             "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256", "http://www.w3.org/2001/04/xmldsig-more#rsa-md5",
                             "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha1", ""})
    { SCOPED_TRACE(method); EXPECT_REFUSED(verify_text(with(good, ecdsa, method)), Code::refused, "xml.algorithm"); }
  EXPECT_REFUSED(verify_text(with(good, ecdsa + "\"/>", "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256\"><HMACOutputLength>0</HMACOutputLength></SignatureMethod>")),
                 Code::refused, "xml.algorithm");
  EXPECT_REFUSED(verify_text(with(good, "http://www.w3.org/2001/04/xmlenc#sha256", "http://www.w3.org/2000/09/xmldsig#sha1")), Code::refused, "xml.algorithm");
  const std::string method = "<CanonicalizationMethod Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#";
  EXPECT_REFUSED(verify_text(with(good, method, "<CanonicalizationMethod Algorithm=\"http://www.w3.org/TR/2001/REC-xml-c14n-20010315")), Code::refused,
                 "xml.algorithm");
}

TEST_F(Wrapping, keys_by_any_other_way_than_a_chain) {
  const std::string data = part(good, "<X509Data>", "</X509Data>");
  for (const char* other : {"<KeyName>k</KeyName>", "<KeyValue><RSAKeyValue/></KeyValue>", "<RetrievalMethod URI=\"#x\"/>", "<X509Data/>",
                            "<X509Data><X509SubjectName>CN=x</X509SubjectName></X509Data>", ""})
    { SCOPED_TRACE(other); EXPECT_REFUSED(verify_text(with(good, data, other)), Code::refused, "xml.signature_form"); }
  EXPECT_REFUSED(verify_text(with(good, data, data + data)), Code::refused, "xml.signature_form");
  const std::string certificate = part(good, "<X509Certificate>", "</X509Certificate>");
  EXPECT_REFUSED(verify_text(with(good, certificate, certificate + certificate + certificate + certificate)), Code::refused, "xml.signature_form");
  EXPECT_FALSE(verify_text(with(good, certificate, "<X509Certificate>!</X509Certificate>")));
}

TEST_F(Wrapping, text_between_the_parts_of_a_signature) {
  EXPECT_REFUSED(verify_text(with(good, "<KeyInfo>", "x<KeyInfo>")), Code::refused, "xml.signature_form");
  EXPECT_REFUSED(verify_text(with(good, "<Reference", "x<Reference")), Code::refused, "xml.signature_form");
  EXPECT_REFUSED(verify_text(with(good, "<KeyInfo>", "<KeyInfo Id=\"k\">")), Code::refused, "xml.signature_form");
}

TEST_F(Wrapping, documents_that_are_dangerous_to_read) {
  const std::string dtd = "<!DOCTYPE Envelope [<!ATTLIST Header Id ID #IMPLIED>]>";
  const std::string external = "<!DOCTYPE Envelope [<!ENTITY x SYSTEM \"file:///etc/passwd\">]>";
  const std::string bomb = "<!DOCTYPE Envelope [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;\"><!ENTITY c \"&b;&b;&b;&b;&b;&b;&b;&b;\">]>";
  const std::string fetched = "<!DOCTYPE Envelope SYSTEM \"http://127.0.0.1:1/x.dtd\">";
  for (const std::string& type : {dtd, external, bomb, fetched})
    { SCOPED_TRACE(type); EXPECT_REFUSED(verify_text(type + whole), Code::malformed, "xml.dtd"); }
  EXPECT_REFUSED(verify_text(bomb + with(whole, "DSIM-0001", "&c;")), Code::malformed, "xml.dtd");
  std::string deep;
  for (int i = 0; i < 100; ++i) deep += "<a>";
  for (int i = 0; i < 100; ++i) deep += "</a>";
  EXPECT_REFUSED(verify_text(with(whole, "</Header>", "</Header>" + deep)), Code::malformed, "xml.too_deep");
  EXPECT_REFUSED(verify_text(with(whole, "DSIM-0001", std::string(40'000, 'x'))), Code::malformed, "xml.too_large");
  std::string many;
  for (int i = 0; i < 600; ++i) many += "<a/>";
  EXPECT_REFUSED(verify_text(with(whole, "</Header>", "</Header>" + many)), Code::malformed, "xml.too_many_nodes");
  EXPECT_FALSE(verify_text(""));
  EXPECT_FALSE(verify_text("<"));
}

}  // namespace
}  // namespace tf::xml::test
