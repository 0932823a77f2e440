"""Forms in the look of the pages."""

from django.forms.renderers import TemplatesSetting


class DsfrRenderer(TemplatesSetting):
    """Render forms with the templates of the design system."""

    form_template_name = "hub/form.html"
    field_template_name = "hub/field.html"
