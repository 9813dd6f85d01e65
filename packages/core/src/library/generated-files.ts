/**
 * Files that Liferay makes again by itself: previews, thumbnails and adaptive media, by the literal prefixes of each
 * company's bucket layout (`{companyId}/0/document_preview/…`). Everything else under `{companyId}/0/` (logos, portraits,
 * the SAML key store) is content.
 */
const generated = /^\d+\/0\/(?:document_preview|document_thumbnail|adaptive)\//;

export function isGeneratedFile(key: string): boolean {
  return generated.test(key);
}
